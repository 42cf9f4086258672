package dev.tally.testkit.saga;

import dev.tally.message.MessageType;
import dev.tally.retry.Backoff;
import dev.tally.saga.definition.Branch;
import dev.tally.saga.definition.CompensatableStep;
import dev.tally.saga.definition.LockPolicy;
import dev.tally.saga.definition.RetryPolicy;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.definition.Sequence;
import dev.tally.saga.definition.StepSpec;
import dev.tally.saga.definition.StuckUndo;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** Makes sagas of everything that there is, as chance likes it. For one thread. */
final class RandomSagas {

    /** The data of all of them. */
    record Data(String key, String lock, int bits) {
        Data with(Answer answer) {
            return new Data(key, lock, bits ^ answer.bits());
        }

        boolean has(int bit) {
            return (bits >> bit & 1) == 1;
        }
    }

    @MessageType("answer")
    record Answer(int bits) {}

    @MessageType("command")
    record Command(String step) {}

    /** A command that cannot be written. */
    @MessageType("unwritable")
    record Unwritable(String step) {
        @Override
        public String step() {
            throw new InjectedFailure("injected: command of step '" + step + "' cannot be written");
        }
    }

    private static final String MAIN = "main";
    private static final String SUB = "sub";
    private static final String UNDOING = "undoing";
    private static final Duration SHORT_LEASE = Duration.ofSeconds(15);
    private static final int BITS = 4;

    private final SimulatedWorld world;
    private final Chance chance;
    private int names;
    private boolean inSub;

    RandomSagas(SimulatedWorld world) {
        this.world = world;
        this.chance = world.chance();
    }

    Plan plan() {
        int shape = chance.random().nextInt();
        List<List<SagaDefinition<?>>> generations = new ArrayList<>();
        SagaDefinition<Data> main = main(1, shape);
        List<SagaDefinition<?>> others = List.of(sub(), undoing());
        generations.add(with(others, main));
        if (chance.oneIn(3)) {
            generations.add(chance.oneIn(2) ? with(others, main, main(2, shape)) : with(others, migrating(shape)));
        }
        Deque<Plan.Start> starts = new ArrayDeque<>();
        int count = chance.between(1, 3);
        for (int i = 1; i <= count; i++) {
            starts.add(new Plan.Start(
                    MAIN,
                    "key-" + i,
                    new Data("key-" + i, "lock-" + chance.between(1, 2), chance.between(0, (1 << BITS) - 1))));
        }
        return new Plan(
                generations,
                starts,
                List.of(
                        participant("p1"),
                        participant("p2"),
                        participant("p3").neverRefusing(),
                        participant("foreign").foreign()),
                Map.of("go", random -> new Answer(random.nextInt(1 << BITS))));
    }

    private static List<SagaDefinition<?>> with(List<SagaDefinition<?>> others, SagaDefinition<?>... more) {
        List<SagaDefinition<?>> all = new ArrayList<>(List.of(more));
        all.addAll(others);
        return all;
    }

    private static ExploredParticipant participant(String name) {
        return ExploredParticipant.named(name).answering((command, random) -> new Answer(random.nextInt(1 << BITS)));
    }

    private SagaDefinition<Data> main(int version, int shape) {
        return steps(SagaDefinition.named(MAIN, Data.class).version(version), shape, version > 1)
                .build();
    }

    private SagaDefinition<Data> migrating(int shape) {
        return steps(SagaDefinition.named(MAIN, Data.class).version(2), shape, true)
                .migratesFrom(1, saga -> saga)
                .build();
    }

    /** The same steps for the same shape, and perhaps one more at the end. */
    private SagaDefinition.Builder<Data> steps(SagaDefinition.Builder<Data> saga, int shape, boolean oneMore) {
        names = 0;
        Chance form = new Chance(new java.util.Random(shape));
        if (form.oneIn(3)) {
            saga.deadline(Duration.ofSeconds(form.between(5, 90)));
        }
        saga.whenAnUndoIsStuck(form.oneIn(2) ? StuckUndo.CONTINUE : StuckUndo.WAIT);
        int elements = form.between(1, 4);
        for (int i = 0; i < elements; i++) {
            element(saga, form, 0);
        }
        if (form.oneIn(3) && elements > 1) {
            // A pivot may be left out.
            int bit = form.between(0, BITS - 1);
            pivot(saga, form, form.oneIn(4) ? bit : -1);
        } else if (form.oneIn(2)) {
            pivot(saga, form, -1);
        }
        int last = form.between(0, 2);
        for (int i = 0; i < last; i++) {
            retriable(saga, form);
        }
        if (oneMore) {
            saga.retriable("added", step -> {
                step.command("p3", data -> new Command("added"));
                limits(step, new Chance(new java.util.Random(shape)));
            });
        }
        return saga;
    }

    private String name() {
        names++;
        return "s" + names;
    }

    private <S extends Sequence<Data, S>> void element(S in, Chance form, int depth) {
        int dice = form.between(0, 19);
        if (dice < 3 && depth < 2) {
            int ways = form.between(2, 3);
            in.parallel(group -> {
                for (int i = 0; i < ways; i++) {
                    group.branch(branch -> branch(branch, form, depth));
                }
            });
        } else if (dice < 5 && depth < 2) {
            int bit = form.between(0, BITS - 1);
            boolean second = form.oneIn(2);
            in.choose(name(), choice -> {
                choice.when("yes", data -> world.bug(data.has(bit)), branch -> branch(branch, form, depth));
                if (second) {
                    choice.otherwise("no", branch -> branch(branch, form, depth));
                }
            });
        } else if (dice < 8) {
            LockPolicy policy = form.oneIn(3) ? LockPolicy.FAIL : LockPolicy.QUEUE;
            Duration lease = form.oneIn(3) ? SHORT_LEASE : Sequence.DEFAULT_LEASE;
            boolean other = form.oneIn(3);
            // A saga that wanted what the one has that it runs for would wait for the end of that one's lease.
            String kind = inSub ? "sub-" : "";
            in.lock(name(), data -> kind + (other ? "lock-1" : data.lock()), policy, lease);
        } else {
            String name = name();
            in.compensatable(name, step -> compensatable(step, name, form));
        }
    }

    private void branch(Branch<Data> branch, Chance form, int depth) {
        int steps = form.between(1, 2);
        for (int i = 0; i < steps; i++) {
            element(branch, form, depth + 1);
        }
    }

    private void compensatable(CompensatableStep<Data> step, String name, Chance form) {
        int dice = form.between(0, 11);
        if (dice == 0) {
            step.awaits("go", Answer.class, Data::with);
            if (form.oneIn(2)) {
                step.timeout(Duration.ofSeconds(form.between(5, 30)));
            }
            step.retry(policy(form.between(1, 2)));
        } else if (dice < 3 && !inSub) {
            sub(step, name, form);
            if (form.oneIn(4)) {
                step.timeout(Duration.ofSeconds(form.between(5, 30)));
            }
            step.retry(policy(form.between(1, 3)));
        } else if (dice < 5) {
            step.local(world.local(true)).undoneLocally(world.local(false));
            step.retry(policy(form.between(1, 3)));
        } else {
            step.command(participant(form), data -> command(name));
            if (form.oneIn(2)) {
                step.onDone(Answer.class, (data, answer) -> world.bug(data.with(answer)));
            }
            step.compensation(data -> command("undo " + name));
            limits(step, form);
        }
        step.compensationTimeout(Duration.ofSeconds(form.between(5, 20)));
        step.compensationRetry(policy(form.between(1, 3)));
        if (form.oneIn(6)) {
            int bit = form.between(0, BITS - 1);
            step.when(data -> data.has(bit));
        }
    }

    private void sub(CompensatableStep<Data> step, String name, Chance form) {
        step.saga(SUB, data -> data.key() + "-" + name, data -> new Data(data.key() + "-" + name, data.lock(), 1));
        if (form.oneIn(2)) {
            step.onDone(Data.class, (data, answer) -> data);
        }
        step.undoneBySaga(
                UNDOING, data -> data.key() + "-undo-" + name, data -> new Data(data.key() + "-undo-" + name, "", 1));
    }

    private Object command(String step) {
        return world.faults().strike(250) ? new Unwritable(step) : world.bug(new Command(step));
    }

    private static String participant(Chance form) {
        return form.one(List.of("p1", "p2", "p3", "foreign"));
    }

    private void pivot(SagaDefinition.Builder<Data> saga, Chance form, int bit) {
        String name = name();
        saga.pivot(name, step -> {
            if (form.oneIn(4)) {
                step.local(world.local(true));
                step.retry(policy(form.between(1, 3)));
            } else {
                step.command(participant(form), data -> command(name));
                limits(step, form);
            }
            if (bit >= 0) {
                step.when(data -> data.has(bit));
            }
        });
    }

    private void retriable(SagaDefinition.Builder<Data> saga, Chance form) {
        String name = name();
        saga.retriable(name, step -> {
            int dice = form.between(0, 5);
            if (dice == 0) {
                step.local(world.local(false));
            } else if (dice == 1) {
                step.awaits("go", Answer.class, Data::with);
            } else if (dice == 2 && !inSub) {
                step.saga(
                        SUB,
                        data -> data.key() + "-" + name,
                        data -> new Data(data.key() + "-" + name, data.lock(), 1));
                step.timeout(Duration.ofSeconds(form.between(5, 20)));
            } else {
                step.command(participant(form), data -> command(name));
                step.timeout(Duration.ofSeconds(form.between(5, 20)));
            }
            step.retry(form.oneIn(2) ? policy(2) : policy(RetryPolicy.UNBOUNDED));
        });
    }

    private static void limits(StepSpec<Data, ?> step, Chance form) {
        step.timeout(Duration.ofSeconds(form.between(5, 20)));
        step.retry(policy(form.between(1, 3)));
    }

    private static RetryPolicy policy(int attempts) {
        return new RetryPolicy(attempts, new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8), 2, 0.5));
    }

    /** What a step's other saga is: short, and now and then refused. */
    private SagaDefinition<Data> sub() {
        inSub = true;
        names = 0;
        Chance form = new Chance(new java.util.Random(chance.random().nextInt()));
        SagaDefinition.Builder<Data> saga = SagaDefinition.named(SUB, Data.class);
        int elements = form.between(1, 2);
        for (int i = 0; i < elements; i++) {
            element(saga, form, 1);
        }
        if (form.oneIn(2)) {
            retriable(saga, form);
        }
        inSub = false;
        return saga.build();
    }

    /** What undoes that; now and then it is refused, and a person has it tried again. */
    private SagaDefinition<Data> undoing() {
        inSub = true;
        names = 0;
        Chance form = new Chance(new java.util.Random(chance.random().nextInt()));
        SagaDefinition.Builder<Data> saga = SagaDefinition.named(UNDOING, Data.class);
        if (form.oneIn(2)) {
            pivot(saga, form, -1);
        }
        retriable(saga, form);
        inSub = false;
        return saga.build();
    }
}
