package dev.tally.testkit.saga;

import dev.tally.saga.RefusedException;
import dev.tally.saga.StepContext;
import dev.tally.saga.definition.LocalWork;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The things around sagas in one run: time, chance, faults, the database. For one thread. */
final class SimulatedWorld {

    /** What local steps have done. */
    record LocalEffect(int done, int undone) {
        static final LocalEffect NONE = new LocalEffect(0, 0);
    }

    private final Chance chance;
    private final VirtualClock clock = new VirtualClock();
    private final Trace trace;
    private final SimulatedFaults faults;
    private final InMemoryTransactions transactions;
    private final InMemorySagaStore store;
    private final InMemorySagaLocks locks;
    private final SimulatedWire wire;
    private final Map<StepId, LocalEffect> localEffects = new LinkedHashMap<>();
    private int ids;
    private boolean localEffectsTold;

    SimulatedWorld(RandomGenerator random, boolean traced) {
        chance = new Chance(random);
        trace = new Trace(clock, traced);
        faults = new SimulatedFaults(chance, trace);
        transactions = new InMemoryTransactions(faults);
        store = new InMemorySagaStore(transactions);
        locks = new InMemorySagaLocks(transactions);
        wire = new SimulatedWire(chance, clock, faults);
    }

    Chance chance() {
        return chance;
    }

    VirtualClock clock() {
        return clock;
    }

    Trace trace() {
        return trace;
    }

    SimulatedFaults faults() {
        return faults;
    }

    InMemoryTransactions transactions() {
        return transactions;
    }

    InMemorySagaStore store() {
        return store;
    }

    InMemorySagaLocks locks() {
        return locks;
    }

    SimulatedWire wire() {
        return wire;
    }

    String nextId() {
        ids++;
        return "id-" + ids;
    }

    LocalEffect localEffect(StepId step) {
        return localEffects.getOrDefault(step, LocalEffect.NONE);
    }

    /** Whether local steps say what they do: those of {@link #local}, not those of users. */
    boolean localEffectsAreTold() {
        return localEffectsTold;
    }

    /** Local work with one row of effect; refuses or fails where chance says so, before its row or after it. */
    <D> LocalWork<D> local(boolean mayRefuse) {
        localEffectsTold = true;
        return (data, context) -> {
            StepId id = new StepId(context.sagaId(), context.step());
            strike(context, mayRefuse);
            LocalEffect before = localEffect(id);
            transactions.put(
                    localEffects,
                    id,
                    context.undo()
                            ? new LocalEffect(before.done(), before.undone() + 1)
                            : new LocalEffect(before.done() + 1, before.undone()));
            strike(context, mayRefuse);
            return data;
        };
    }

    private void strike(StepContext context, boolean mayRefuse) {
        if (mayRefuse && chance.oneIn(25)) {
            throw new RefusedException("step '" + context.step() + "' is refused");
        }
        if (faults.strike(15)) {
            throw new InjectedFailure("injected: step '" + context.step() + "' fails");
        }
    }

    /** A function of a definition is wrong now and then. */
    <T> T bug(T result) {
        if (faults.strike(250)) {
            throw new InjectedFailure("injected: a function of the definition fails");
        }
        return result;
    }
}
