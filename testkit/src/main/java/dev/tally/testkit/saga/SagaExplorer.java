package dev.tally.testkit.saga;

import dev.tally.saga.definition.SagaDefinition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Explores what can become of sagas: many short runs of the engine, in memory and in virtual time, each with another order of
 * things and other faults. Two or three nodes crash at any point, and start again; the database fails; messages come twice,
 * late and in any order; participants refuse, fail and are slow; sagas are cancelled. After everything that happens, and at
 * the end, when there are no more faults and nothing is left to do, it is checked that
 *
 * <ul>
 *   <li>every saga has ended, or is parked with a reason; nothing waits for what never comes
 *   <li>of a completed saga each step that was not left out took effect once; of a compensated one no effect is left
 *   <li>steps begin behind what they wait for, and are undone before it; nothing goes back from behind the pivot
 *   <li>the history tells each move, and each is one that there is
 *   <li>what has ended stays as it is, and has no locks.
 * </ul>
 *
 * <pre>{@code
 * @Test
 * void holdsWhateverHappens() {
 *     SagaExplorer.of(placeOrder)
 *             .starting("place-order", random -> new PlaceOrder("o-1", random.nextInt(100)))
 *             .participants(ExploredParticipant.named("stock").answering((command, random) -> new StockReserved("r-1")))
 *             .explore(2_000);
 * }
 * }</pre>
 *
 * <p>One seed is one run, the same each time; {@link #replay} does it again. Local steps are run as they are: they should
 * change nothing outside, and a local step, a condition or a function that is not the same for the same data makes runs that
 * cannot be replayed. Not thread-safe.
 *
 * @since 0.1
 */
public final class SagaExplorer {

    private static final long FIRST_SEED = 1;
    private static final int MOST_SAGAS = 3;

    private record Kind(String saga, Function<RandomGenerator, Object> data) {}

    private final Plan.@Nullable Maker maker;
    private final List<List<SagaDefinition<?>>> generations = new ArrayList<>();
    private final List<Kind> kinds = new ArrayList<>();
    private final List<ExploredParticipant> participants = new ArrayList<>();
    private final Map<String, Function<RandomGenerator, Object>> signals = new LinkedHashMap<>();
    private @Nullable ExploredOperator operator;
    private long firstSeed = FIRST_SEED;

    private SagaExplorer(Plan.@Nullable Maker maker) {
        this.maker = maker;
    }

    /** Explores these definitions; those of the sagas that they run have to be there too. */
    public static SagaExplorer of(SagaDefinition<?>... definitions) {
        SagaExplorer explorer = new SagaExplorer(null);
        explorer.generations.add(List.of(definitions));
        return explorer;
    }

    /** Explores sagas that chance makes, of everything that there is: what the engine itself is tested with. */
    public static SagaExplorer ofRandomSagas() {
        return new SagaExplorer(world -> new RandomSagas(world).plan());
    }

    /** Starts this saga, up to three of it in one run, with keys of the explorer's own. */
    public SagaExplorer starting(String saga, Function<RandomGenerator, Object> data) {
        kinds.add(new Kind(saga, data));
        return this;
    }

    /** Who takes the commands; by default a participant whose answers bring nothing. */
    public SagaExplorer participants(ExploredParticipant... others) {
        participants.addAll(List.of(others));
        return this;
    }

    /** What brings a signal that a saga waits for; signals that are not given here never come. */
    public SagaExplorer signal(String signal, Function<RandomGenerator, Object> payload) {
        signals.put(signal, payload);
        return this;
    }

    /** Who sees to parked sagas; by default nobody, and a run may end with them. */
    public SagaExplorer operator(ExploredOperator person) {
        operator = person;
        return this;
    }

    /** Deploys these definitions in place of the ones before, node by node, while sagas run. */
    public SagaExplorer thenDeploying(SagaDefinition<?>... definitions) {
        generations.add(List.of(definitions));
        return this;
    }

    /** The seed of the first run; those after it count up. 1 by default. */
    public SagaExplorer fromSeed(long seed) {
        firstSeed = seed;
        return this;
    }

    /**
     * Does runs until something does not hold.
     *
     * @param runs how many at most; a few milliseconds each
     * @throws SagaExplorationError with the seed and what happened
     */
    public Exploration explore(int runs) {
        Visits visits = new Visits();
        for (int i = 0; i < runs; i++) {
            long seed = firstSeed + i;
            try {
                run(seed, false, visits);
            } catch (ViolationError e) {
                // Again, with somebody to write it down.
                String unused = replay(seed);
                throw new SagaExplorationError(
                        seed, e.getMessage() + " (and not when it was replayed: is anything random?)", "", e);
            }
        }
        return Exploration.of(runs, visits);
    }

    /**
     * Does one run again.
     *
     * @return what happened
     * @throws SagaExplorationError if something does not hold
     */
    public String replay(long seed) {
        return run(seed, true, new Visits());
    }

    private String run(long seed, boolean traced, Visits visits) {
        SimulatedWorld world = new SimulatedWorld(new Random(seed * 0x9E3779B97F4A7C15L), traced);
        Plan.Maker making = maker == null ? this::plan : maker;
        try {
            new SimulatedRun(world, making.make(world), operator, visits).run();
        } catch (ViolationError e) {
            if (traced) {
                throw new SagaExplorationError(
                        seed, String.valueOf(e.getMessage()), world.trace().toString(), e);
            }
            throw e;
        }
        return world.trace().toString();
    }

    private Plan plan(SimulatedWorld world) {
        Deque<Plan.Start> starts = new ArrayDeque<>();
        int count = world.chance().between(1, MOST_SAGAS);
        for (int i = 1; i <= count && !kinds.isEmpty(); i++) {
            Kind kind = world.chance().one(kinds);
            starts.add(new Plan.Start(
                    kind.saga(), "key-" + i, kind.data().apply(world.chance().random())));
        }
        return new Plan(generations, starts, participants, signals);
    }
}
