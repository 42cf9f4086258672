package dev.tally.testkit.saga;

import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUnwritableException;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.engine.SagaDataCodec;
import dev.tally.saga.store.StaleSagaException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** The processes of one run. For one thread. */
final class SimulatedNodes {

    private final SimulatedWorld world;
    private final Trace trace;
    private final Visits visits;
    private final List<SimulatedNode> nodes = new ArrayList<>();

    SimulatedNodes(
            SimulatedWorld world,
            PayloadCodec codec,
            SagaDataCodec dataCodec,
            List<List<SagaDefinition<?>>> generations,
            Visits visits) {
        this.world = world;
        this.trace = world.trace();
        this.visits = visits;
        int count = world.chance().between(2, 3);
        for (int i = 0; i < count; i++) {
            nodes.add(new SimulatedNode("node" + i, world, codec, dataCodec, generations));
        }
    }

    SimulatedNode any() {
        return world.chance().one(nodes);
    }

    void upgradeOne() {
        upgrade(any());
    }

    void upgradeAll() {
        for (SimulatedNode node : nodes) {
            while (upgrade(node)) {
                // and to the next one
            }
        }
    }

    private boolean upgrade(SimulatedNode node) {
        boolean upgraded = node.upgrade();
        if (upgraded) {
            trace.add(node + " is upgraded");
        }
        return upgraded;
    }

    /** What a node does, with faults; a crash restarts it. Anything else that it throws is told, unless it was injected. */
    void on(SimulatedNode node, String what, Runnable work) {
        trace.add(node + " " + what);
        world.faults().reach(true, true);
        try {
            work.run();
        } catch (NodeCrash e) {
            visits.crashes++;
            trace.add("  " + node + " crashes " + e.getMessage());
            node.restart();
        } catch (DataAccessException
                | TransactionException
                | StaleSagaException
                | InjectedFailure
                | PayloadUnwritableException e) {
            trace.add("  " + node + " has failed: " + e.getMessage());
            if (!world.faults().areOn()) {
                throw new ViolationError(node + " " + what + ": failed without a fault: " + e, e);
            }
        } catch (RuntimeException e) {
            throw new ViolationError(node + " " + what + ": " + e, e);
        } finally {
            world.faults().reach(false, false);
        }
    }
}
