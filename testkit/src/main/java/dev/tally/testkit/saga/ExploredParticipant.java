package dev.tally.testkit.saga;

import dev.tally.message.Message;
import dev.tally.saga.message.NoContent;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * A participant as the explorer plays it: it has one effect for each step, gives the same answer each time it is asked again,
 * lets no action follow its own compensation, and apart from that does what chance says: it refuses, fails, is late or does
 * not answer. Immutable.
 *
 * @since 0.1
 */
public final class ExploredParticipant {

    /** Makes what an answer brings. */
    @FunctionalInterface
    public interface Answering {

        /** What the answer to a command that took effect brings, of the class that {@code onDone} takes. */
        Object answer(Message command, RandomGenerator random);
    }

    private final String name;
    private final boolean refuses;
    private final boolean foreign;
    private final Answering answering;

    private ExploredParticipant(String name, boolean refuses, boolean foreign, Answering answering) {
        this.name = name;
        this.refuses = refuses;
        this.foreign = foreign;
        this.answering = answering;
    }

    /** A participant whose answers bring nothing, that refuses now and then, and whose answers arrive at least once. */
    public static ExploredParticipant named(String name) {
        return new ExploredParticipant(name, true, false, (command, random) -> new NoContent());
    }

    /** It answers with this. */
    public ExploredParticipant answering(Answering content) {
        return new ExploredParticipant(name, refuses, foreign, Objects.requireNonNull(content, "content"));
    }

    /** It refuses no action. */
    public ExploredParticipant neverRefusing() {
        return new ExploredParticipant(name, false, foreign, answering);
    }

    /**
     * It does not use Tally: some of its answers are lost for good, some say that it failed where it did not, and some that it
     * refused what it does when it is asked again.
     */
    public ExploredParticipant foreign() {
        return new ExploredParticipant(name, refuses, true, answering);
    }

    String name() {
        return name;
    }

    boolean refuses() {
        return refuses;
    }

    boolean isForeign() {
        return foreign;
    }

    Object answer(Message command, RandomGenerator random) {
        return answering.answer(command, random);
    }
}
