package dev.tally.testkit.saga;

import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.PayloadCodec;
import dev.tally.message.TallyException;
import dev.tally.saga.RefusedException;
import dev.tally.saga.SagaStart;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.definition.StepAction;
import dev.tally.saga.engine.SagaDataCodec;
import dev.tally.saga.store.StoredSaga;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** One run: things happen in an order that the seed decides, with faults; then without, until nothing happens. For one thread. */
final class SimulatedRun {

    private static final int FEWEST_EVENTS = 20;
    private static final int MOST_EVENTS = 140;
    private static final int MOST_ROUNDS = 4_000;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);
    private static final Duration LONGEST_JUMP = Duration.ofHours(1);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final SimulatedWorld world;
    private final Chance chance;
    private final Trace trace;
    private final Plan plan;
    private final Definitions definitions;
    private final SimulatedParticipants participants;
    private final SagaInvariants invariants;
    private final Visits visits;
    private final @Nullable ExploredOperator operator;
    private final SimulatedNodes nodes;
    private final SimulatedTraffic traffic;
    private final List<Plan.Start> started = new ArrayList<>();

    SimulatedRun(SimulatedWorld world, Plan plan, @Nullable ExploredOperator operator, Visits visits) {
        this.world = world;
        this.chance = world.chance();
        this.trace = world.trace();
        this.plan = plan;
        this.operator = operator;
        this.visits = visits;
        this.definitions = new Definitions(plan.generations());
        PayloadCodec codec = new JacksonPayloadCodec(JSON);
        SagaDataCodec dataCodec = new SagaDataCodec(JSON);
        this.participants = new SimulatedParticipants(world, codec, plan.participants(), definitions::kind);
        this.invariants = new SagaInvariants(world, definitions, visits);
        this.nodes = new SimulatedNodes(world, codec, dataCodec, plan.generations(), visits);
        this.traffic = new SimulatedTraffic(world, nodes, participants);
    }

    void run() {
        int events = chance.between(FEWEST_EVENTS, MOST_EVENTS);
        for (int i = 0; i < events; i++) {
            happen();
            check();
        }
        world.faults().stop();
        trace.add("no more faults");
        nodes.upgradeAll();
        settle();
        new EndInvariants(world, definitions, participants, operator != null).check();
        world.store().all().forEach(saga -> visits.ended(saga.state()));
    }

    private void check() {
        visits.events++;
        invariants.check();
    }

    private void happen() {
        int dice = chance.between(0, 99);
        if (dice < 12) {
            start();
        } else if (dice < 34) {
            traffic.deliverCommands(chance.between(1, 3));
        } else if (dice < 60) {
            traffic.deliverReplies(chance.between(1, 4));
        } else if (dice < 76) {
            wake(nodes.any());
        } else if (dice < 88) {
            timeGoesOn();
        } else if (dice < 93) {
            signal(chance.oneIn(3));
        } else if (dice < 95) {
            cancel();
        } else if (dice < 98) {
            operate();
        } else {
            nodes.upgradeOne();
        }
    }

    private void start() {
        Plan.Start next = plan.starts().poll();
        if (next == null) {
            return;
        }
        SimulatedNode node = nodes.any();
        boolean[] over = {false};
        nodes.on(node, "starts " + next.saga() + " for " + next.key(), () -> over[0] = start(node, next));
        if (over[0]) {
            started.add(next);
        } else {
            plan.starts().addLast(next);
        }
    }

    /** Whether nobody tries it again. */
    private boolean start(SimulatedNode node, Plan.Start start) {
        try {
            Boolean done = node.inTransaction().execute(status -> {
                SagaStart first = node.sagas().start(start.saga(), start.key(), start.data());
                if (world.faults().strike(10)) {
                    SagaStart second = node.sagas().start(start.saga(), start.key(), start.data());
                    if (second.isNew() || !second.id().equals(first.id())) {
                        throw new ViolationError("two sagas for one key: " + first + " and " + second);
                    }
                }
                if (world.faults().strike(10)) {
                    trace.add("  the caller rolls back");
                    status.setRollbackOnly();
                    return false;
                }
                return true;
            });
            return Boolean.TRUE.equals(done) && !world.faults().strike(10);
        } catch (RefusedException e) {
            trace.add("  the start was refused: " + e.getMessage());
            return true;
        }
    }

    private void wake(SimulatedNode node) {
        nodes.on(node, "wakes sagas", () -> {
            var unused = node.waker().wakeSome();
        });
    }

    private void timeGoesOn() {
        Instant next = nextTime().orElse(null);
        if (next != null && chance.oneIn(2)) {
            world.clock().forwardTo(next);
        } else if (chance.oneIn(60)) {
            trace.add("clocks are set back");
            world.clock().back(chance.millisUpTo(LONGEST_JUMP.toMillis()));
        } else if (chance.oneIn(60)) {
            world.clock().forward(chance.millisUpTo(LONGEST_JUMP.toMillis()));
        } else {
            world.clock().forward(chance.millisUpTo(LONGEST_PAUSE.toMillis()));
        }
    }

    private Optional<Instant> nextTime() {
        return world.store().all().stream()
                .flatMap(saga -> Optional.ofNullable(saga.wakeAt()).stream())
                .min(Instant::compareTo);
    }

    /** A signal for a saga that waits for one, or early for any. Whether there was one to send. */
    private boolean signal(boolean early) {
        List<StoredSaga> open = open();
        for (StoredSaga saga : open) {
            if (!early && saga.parking() != null && saga.parking().holdsAnswers()) {
                continue;
            }
            for (SagaStep<?> step : definitions.of(saga).steps()) {
                if (step.action() instanceof StepAction.Await<?> await
                        && plan.signals().containsKey(await.signal())
                        && (early || saga.step(step.name()).state() == StepState.ACTIVE)) {
                    signal(saga, await.signal());
                    return true;
                }
            }
        }
        return false;
    }

    private void signal(StoredSaga saga, String signal) {
        Function<RandomGenerator, Object> payload =
                Objects.requireNonNull(plan.signals().get(signal));
        SimulatedNode node = nodes.any();
        nodes.on(node, "signals " + signal + " to " + saga.id(), () -> {
            boolean unused =
                    node.sagas().signal(saga.name(), saga.businessKey(), signal, payload.apply(chance.random()));
        });
    }

    private List<StoredSaga> open() {
        return world.store().all().stream()
                .filter(saga -> !saga.state().isEnd())
                .toList();
    }

    private void cancel() {
        if (started.isEmpty()) {
            return;
        }
        Plan.Start any = chance.one(started);
        SimulatedNode node = nodes.any();
        nodes.on(node, "cancels " + any.key(), () -> {
            try {
                String refusal = node.sagas().cancel(any.saga(), any.key(), "cancelled");
                trace.add("  " + (refusal == null ? "it goes back" : refusal));
            } catch (TallyException e) {
                // This node may not know its version.
                if (!e.code().equals("TALLY-SAGA-DEFINITION-FAILED")) {
                    throw e;
                }
            }
        });
    }

    private void operate() {
        List<StoredSaga> open = open();
        ExploredOperator person = operator;
        if (person != null && !open.isEmpty()) {
            StoredSaga saga = chance.one(open);
            SimulatedNode node = nodes.any();
            nodes.on(
                    node,
                    "has an operator for " + saga.id(),
                    () -> person.act(node.engineParts(), saga, chance.random()));
        }
    }

    /** Goes on until nothing is under way, nothing is due, and nothing is left to solve. */
    private void settle() {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            if (!settleOnce()) {
                return;
            }
            check();
        }
        throw new ViolationError("it never comes to rest: after " + MOST_ROUNDS + " rounds there are "
                + world.wire().size() + " messages under way, and "
                + open().stream().map(StoredSaga::toString).toList());
    }

    private boolean settleOnce() {
        if (!plan.starts().isEmpty()) {
            start();
            return true;
        }
        if (!world.wire().isEmpty()) {
            traffic.deliverCommands(Integer.MAX_VALUE);
            traffic.deliverReplies(chance.between(1, 4));
            world.wire().next().ifPresent(next -> {
                if (next.isAfter(world.clock().instant())) {
                    world.clock().forwardTo(next);
                }
            });
            return true;
        }
        Instant due = nextTime().orElse(Instant.MAX);
        if (due.isAfter(world.clock().instant()) && signal(false)) {
            return true;
        }
        if (due.isBefore(Instant.MAX)) {
            // A node's clock may be behind.
            world.clock().forwardTo(due.plus(SimulatedNode.MOST_SKEW));
            wake(nodes.any());
            return true;
        }
        ExploredOperator person = operator;
        StoredSaga parked = world.store().all().stream()
                .filter(saga -> saga.state() == SagaState.PARKED)
                .findFirst()
                .orElse(null);
        if (person == null || parked == null) {
            return false;
        }
        SimulatedNode node = nodes.any();
        nodes.on(node, "has an operator solve " + parked.id(), () -> person.solve(node.engineParts(), parked));
        return true;
    }
}
