package dev.tally.broker.transfer;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.protocol.ResponseCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies one queue, in its order.
 *
 * <ol>
 *   <li>Settle: where it is not known what became of the last requests, because the connection broke or an earlier run
 *       was killed, read what came into the target queue since, and take note of what is there already.
 *   <li>Pull from the source, and ask for the next messages while these are sent.
 *   <li>Send, several requests at once where the target keeps their order, otherwise one after the other.
 *   <li>Note each confirmed request with the offset that the target gave it.
 * </ol>
 *
 * Used by one thread at a time.
 */
final class QueueCopy {

    private static final Logger log = LoggerFactory.getLogger(QueueCopy.class);

    private static final int FLUSH_DISK_TIMEOUT = 10;
    private static final int SLAVE_NOT_AVAILABLE = 11;
    private static final int FLUSH_SLAVE_TIMEOUT = 12;
    /** Stored by the master all the same; only who else has it is not sure. */
    private static final Set<Integer> STORED =
            Set.of(ResponseCode.SUCCESS, FLUSH_DISK_TIMEOUT, SLAVE_NOT_AVAILABLE, FLUSH_SLAVE_TIMEOUT);

    private static final Set<Integer> PASSING = Set.of(ResponseCode.SYSTEM_BUSY, ResponseCode.SERVICE_NOT_AVAILABLE);
    private static final int MOST_STRANGERS = 4096;
    private static final int MOST_STALLS = 50;
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2000;

    private final QueueState state;
    private final Node source;
    private final Node target;
    private final SendRules rules;
    private final BooleanSupplier halted;
    private boolean unsure = true;
    private volatile @Nullable String failure;

    /** @param halted asked between two steps whether to leave the rest */
    QueueCopy(QueueState state, Node source, Node target, SendRules rules, BooleanSupplier halted) {
        this.state = state;
        this.source = source;
        this.target = target;
        this.rules = rules;
        this.halted = halted;
    }

    QueueState state() {
        return state;
    }

    /** Why the queue cannot be copied further, {@code null} while it can. */
    @Nullable String failure() {
        return failure;
    }

    /** Copies to where the source's queue ends now; what goes wrong for good is kept as the failure. */
    void copyToEnd() {
        int attempts = 0;
        long before = state.next();
        while (failure == null) {
            try {
                pass();
                return;
            } catch (CopyFailedException | InterruptedIOException | MalformedCommandException e) {
                fail(e);
            } catch (RefusedException e) {
                if (!PASSING.contains(e.code())) {
                    fail(e);
                } else {
                    attempts = again(e, state.next() > before ? 1 : attempts + 1);
                }
            } catch (IOException e) {
                attempts = again(e, state.next() > before ? 1 : attempts + 1);
            }
            before = state.next();
        }
    }

    /** What is left of the queue, {@code null} for nothing. */
    @Nullable String unfinished() throws IOException {
        long left = source.maxOffset(state.key().topic(), state.key().queue()) - state.next();
        return left <= 0 ? null : "the copy was interrupted and " + left + " messages are left";
    }

    private int again(IOException cause, int attempts) {
        unsure = true;
        if (attempts > rules.attempts()) {
            fail(cause);
        } else if (!halted.getAsBoolean()) {
            long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(attempts, 10));
            log.warn(
                    "Copying is tried again; queue={} attempt={} inMillis={} cause={}",
                    state,
                    attempts,
                    pause,
                    words(cause));
            try {
                var unused = new CountDownLatch(1).await(pause, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                fail(e);
            }
        } else {
            fail(cause);
        }
        return attempts;
    }

    private void fail(Exception cause) {
        failure = "Copying " + state + " stopped at offset " + state.next() + ": " + words(cause);
        log.debug("Copying stopped; queue={} offset={}", state, state.next(), cause);
    }

    /** A failure's words and those of its causes. */
    private static String words(Throwable failure) {
        StringBuilder text = new StringBuilder();
        String last = "";
        for (Throwable at = failure; at != null; at = at.getCause()) {
            String words = String.valueOf(at.getMessage());
            if (!last.contains(words)) {
                text.append(last.isEmpty() ? "" : ": ").append(words);
                last = words;
            }
        }
        return text.toString();
    }

    private void pass() throws IOException {
        if (unsure) {
            settle();
            unsure = false;
        }
        QueueState.Key key = state.key();
        long end = source.maxOffset(key.topic(), key.queue());
        if (end < state.next()) {
            throw new CopyFailedException("the source queue ends at " + end + ", but was copied up to " + state.next()
                    + " before: it is not the queue that it was");
        }
        CompletableFuture<Command> ahead = null;
        int stalls = 0;
        while (state.next() < end && !halted.getAsBoolean()) {
            Command answer = source.await(ahead == null ? pull(state.next()) : ahead);
            ahead = null;
            List<Copied> messages = messages(answer, state.next());
            if (messages.isEmpty()) {
                long before = state.next();
                passOver(answer);
                stalls = state.next() > before ? 0 : stalls + 1;
                if (stalls > MOST_STALLS) {
                    throw new CopyFailedException("the source answers that there is something, and does not give it");
                }
            } else {
                long after = messages.get(messages.size() - 1).offset() + 1;
                ahead = after < end ? pull(after) : null;
                stalls = 0;
                send(messages);
            }
        }
    }

    private CompletableFuture<Command> pull(long offset) throws IOException {
        return source.pull(state.key().topic(), state.key().queue(), offset);
    }

    private List<Copied> messages(Command answer, long from) throws IOException {
        return switch (answer.code()) {
            case ResponseCode.SUCCESS ->
                Copied.listFrom(answer.body()).stream()
                        .filter(message -> message.offset() >= from)
                        .toList();
            case ResponseCode.PULL_NOT_FOUND, ResponseCode.PULL_RETRY_IMMEDIATELY, ResponseCode.PULL_OFFSET_MOVED ->
                List.of();
            default ->
                throw new RefusedException("Reading offset " + from, source.address(), answer.code(), answer.remark());
        };
    }

    /** The source has nothing at this offset: it was removed, or lost. */
    private void passOver(Command answer) {
        long next = Math.max(
                answer.fields().longNumber("nextBeginOffset", 0),
                answer.fields().longNumber("minOffset", 0));
        if (next > state.next()) {
            log.warn("The source has lost messages; queue={} from={} to={}", state, state.next(), next);
            state.skipTo(next);
        }
    }

    private record Flight(Outgoing messages, CompletableFuture<Command> answer) {}

    private void send(List<Copied> messages) throws IOException {
        int mostBytes = rules.mostBodyBytes();
        Deque<Flight> flights = new ArrayDeque<>();
        // One connection for all: on a new one, the next would overtake those that were lost with the old one.
        LinkConnection connection = target.connection();
        try {
            for (Outgoing outgoing : Outgoing.divide(messages, state.targetTopic(), rules.bornTolerance(), mostBytes)) {
                if (outgoing.first().severalInOne()) {
                    throw new CopyFailedException("the message at offset "
                            + outgoing.first().offset() + " holds several in one, which cannot be copied");
                }
                // What may be refused must not have followers under way: they would overtake it.
                boolean doubtful = outgoing.bodyBytes() > mostBytes;
                while (flights.size() >= (doubtful ? 1 : rules.window())) {
                    confirm(flights, connection);
                }
                flights.add(fly(outgoing, connection));
                if (doubtful) {
                    confirm(flights, connection);
                }
            }
            while (!flights.isEmpty()) {
                confirm(flights, connection);
            }
        } finally {
            land(flights);
        }
    }

    private Flight fly(Outgoing outgoing, LinkConnection connection) throws IOException {
        return new Flight(outgoing, target.send(connection, outgoing, state.targetTopic(), state.targetQueue()));
    }

    private void confirm(Deque<Flight> flights, LinkConnection connection) throws IOException {
        Flight flight = flights.remove();
        Command answer = target.await(flight.answer);
        if (STORED.contains(answer.code())) {
            if (answer.code() != ResponseCode.SUCCESS) {
                log.warn("Stored by the master only so far; queue={} code={}", state, answer.code());
            }
            note(flight.messages, answer);
        } else if (flight.messages.size() > 1 && flights.isEmpty() && !PASSING.contains(answer.code())) {
            // One of them is to blame; those before it are copied.
            for (Outgoing one : flight.messages.oneByOne()) {
                Deque<Flight> single = new ArrayDeque<>(List.of(fly(one, connection)));
                confirm(single, connection);
            }
        } else {
            throw new RefusedException(
                    "Sending the message at offset " + flight.messages.first().offset() + " ("
                            + flight.messages.bodyBytes() + " bytes)",
                    target.address(),
                    answer.code(),
                    answer.remark());
        }
    }

    private void note(Outgoing messages, Command answer) throws CopyFailedException {
        int queue = answer.fields().requiredNumber("queueId");
        if (queue != state.targetQueue()) {
            throw new CopyFailedException("the target put the message at offset "
                    + messages.first().offset() + " into queue " + queue + " instead of " + state.targetQueue());
        }
        state.copied(messages.messages(), answer.fields().requiredLongNumber("queueOffset"));
    }

    /** After a failure, what is under way comes to its end before anybody looks what the target has. */
    private void land(Deque<Flight> flights) {
        for (Flight flight : flights) {
            try {
                target.await(flight.answer);
            } catch (IOException e) {
                log.debug("Not known whether it was stored; queue={}", state, e);
            }
        }
    }

    /** Finds what an earlier attempt sent and did not get confirmed. */
    private void settle() throws IOException {
        long end = target.maxOffset(state.targetTopic(), state.targetQueue());
        if (end < state.targetEnd()) {
            throw new CopyFailedException("queue " + state.targetQueue() + " of topic " + state.targetTopic()
                    + " at the target ends at " + end + ", but was filled up to " + state.targetEnd()
                    + " before: it is not the queue that it was");
        }
        Tail mine = new Tail(source, state.key().topic(), state.key().queue(), state.next());
        Tail there = new Tail(target, state.targetTopic(), state.targetQueue(), state.targetEnd());
        int strangers = 0;
        Copied found = there.next(end);
        Copied expected = found == null ? null : mine.next(Long.MAX_VALUE);
        List<Copied> known = new ArrayList<>(1);
        while (found != null && expected != null && strangers < MOST_STRANGERS) {
            if (expected.hasCopy(found, rules.bornTolerance())) {
                known.add(expected);
                state.copied(known, found.offset());
                known.clear();
                expected = mine.next(Long.MAX_VALUE);
            } else {
                strangers++;
            }
            found = there.next(end);
        }
    }

    /**
     * Compares counts with the target, and the last message with its copy.
     *
     * @return what does not agree, {@code null} where all does
     */
    @Nullable String verify() throws IOException {
        long end = target.maxOffset(state.targetTopic(), state.targetQueue());
        if (end < state.targetEnd() || end - state.targetBegin() < state.copied()) {
            return "the target queue ends at " + end + " and began at " + state.targetBegin() + ", but "
                    + state.copied() + " messages up to " + state.targetEnd() + " were confirmed";
        }
        if (state.copied() + state.missing() != state.next() - state.begin()) {
            return state.copied() + " copied and " + state.missing() + " missing messages do not add up to those from "
                    + state.begin() + " to " + state.next();
        }
        String difference = differenceOfLast();
        if (difference != null) {
            return difference;
        }
        return state.missing() == 0 ? null : state.missing() + " messages were gone at the source";
    }

    private @Nullable String differenceOfLast() throws IOException {
        List<OffsetMap.Run> runs = state.runs();
        if (runs.isEmpty()) {
            return null;
        }
        OffsetMap.Run last = runs.get(runs.size() - 1);
        long from = last.from() + last.length() - 1;
        long to = last.to() + last.length() - 1;
        Copied mine = new Tail(source, state.key().topic(), state.key().queue(), from).next(from + 1);
        Copied copy = new Tail(target, state.targetTopic(), state.targetQueue(), to).next(to + 1);
        if (copy == null) {
            return "the message at offset " + from + " was confirmed, but offset " + to + " of the target is not there";
        }
        // The source may have removed it meanwhile.
        return mine == null || mine.hasCopy(copy, rules.bornTolerance())
                ? null
                : "the message at offset " + from + " differs from offset " + to + " of the target";
    }
}
