package dev.tally.testkit.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.saga.SagaState;
import dev.tally.saga.definition.LockPolicy;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.engine.EngineOperator;
import dev.tally.saga.engine.SagaTransitions;
import dev.tally.saga.engine.StepTransitions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine in many short runs with random sagas and random faults: {@code -Dtally.saga.simulation.runs} of them from {@code
 * -Dtally.saga.simulation.seed} on. The seeds are the same each time, so that what is red is red for everybody.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SagaSimulationTest {

    private static final int RUNS = Integer.getInteger("tally.saga.simulation.runs", 10_000);
    private static final long SEED = Long.getLong("tally.saga.simulation.seed", 1);
    private static final int OWN_RUNS = Math.min(RUNS, 500);
    private static final Logger log = LoggerFactory.getLogger(SagaSimulationTest.class);

    private Exploration exploration;

    record Order(String id, boolean paid) {}

    record Reserve(String id) {}

    record Paid(String receipt) {}

    @BeforeAll
    void explores() {
        QuietEngine.during(() -> exploration = randomSagas().fromSeed(SEED).explore(RUNS));
        log.info(
                "{} runs with {} events and {} crashes ended with {}",
                exploration.runs(),
                exploration.events(),
                exploration.crashes(),
                exploration.ends());
    }

    private static SagaExplorer randomSagas() {
        return SagaExplorer.ofRandomSagas().operator(new EngineOperator());
    }

    @Test
    void everyInvariantHoldsAndSagasEndBothWays() {
        assertThat(exploration.ends().keySet()).containsExactlyInAnyOrder(SagaState.COMPLETED, SagaState.COMPENSATED);
        assertThat(exploration.crashes()).isGreaterThan(RUNS / 2);
    }

    @Test
    void everyTransitionThatIsDeclaredIsTakenInSomeRun() {
        assertThat(exploration.stepTransitions()).containsExactlyInAnyOrderElementsOf(StepTransitions.ALL);
        assertThat(exploration.sagaTransitions()).containsExactlyInAnyOrderElementsOf(SagaTransitions.ALL);
    }

    @Test
    void oneSeedIsOneRun() {
        QuietEngine.during(() -> {
            for (long seed = SEED; seed < SEED + 20; seed++) {
                assertThat(randomSagas().replay(seed))
                        .isNotEmpty()
                        .isEqualTo(randomSagas().replay(seed));
            }
        });
    }

    @Test
    void sagasOfUsersAreExplored() {
        SagaDefinition<Order> placeOrder = SagaDefinition.named("place-order", Order.class)
                .lock("lock", order -> "orders", LockPolicy.QUEUE)
                .compensatable("reserve", step -> step.command("stock", order -> new Reserve(order.id()))
                        .compensation(order -> new Reserve(order.id())))
                .compensatable("approve", step -> step.awaits("approved", Paid.class, (order, paid) -> order))
                .pivot("pay", step -> step.command("payments", order -> new Reserve(order.id()))
                        .onDone(Paid.class, (order, paid) -> new Order(order.id(), true)))
                .retriable("confirm", step -> step.local((order, context) -> order))
                .build();
        QuietEngine.during(() -> {
            Exploration found = SagaExplorer.of(placeOrder)
                    .starting("place-order", random -> new Order("o-" + random.nextInt(100), false))
                    .participants(
                            ExploredParticipant.named("stock").foreign(),
                            ExploredParticipant.named("payments").answering((command, random) -> new Paid("r-1")))
                    .signal("approved", random -> new Paid("by-hand"))
                    .operator(new EngineOperator())
                    .explore(OWN_RUNS);
            assertThat(found.ends()).containsKeys(SagaState.COMPLETED, SagaState.COMPENSATED);
        });
    }

    @Test
    void sagaThatWaitsForWhatNeverComesIsToldWithItsSeedAndTrace() {
        SagaDefinition<Order> waiting = SagaDefinition.named("waiting", Order.class)
                .compensatable("approve", step -> step.awaits("approved", Paid.class, (order, paid) -> order))
                .build();
        QuietEngine.during(() -> assertThatThrownBy(() -> SagaExplorer.of(waiting)
                        .starting("waiting", random -> new Order("o-1", false))
                        .explore(OWN_RUNS))
                .isInstanceOfSatisfying(SagaExplorationError.class, error -> assertThat(error.seed())
                        .isPositive())
                .hasMessageContaining("waits for ever")
                .hasMessageContaining("START approve PENDING -> ACTIVE"));
    }

    @Test
    void withoutAnOperatorSagasMayStayParked() {
        QuietEngine.during(() -> {
            Exploration found = SagaExplorer.ofRandomSagas().fromSeed(SEED).explore(OWN_RUNS);
            assertThat(found.ends()).containsKeys(SagaState.PARKED);
        });
    }
}
