package dev.tally.outbox.relay;

import dev.tally.message.Message;
import dev.tally.outbox.EntryHandOff.Admission;
import dev.tally.outbox.OutboxEntry;
import dev.tally.publish.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One identity of a node, from its registration until it is fenced or released, with all duties wired. What a tenure
 * holds in memory ends with it; its rows are then adopted by the next tenure or another node.
 */
final class Tenure {

    private final RelayParts parts;
    private final String node;
    private final String spillOwner;
    private final OpenTransactions open = new OpenTransactions();
    private final Lanes lanes;
    private final SendBatch send;
    private final CompleteBatch complete;
    private final ReadBacklog read;
    private final TakeOver takeOver;
    private final DecideUnknown decide;
    private final Heartbeat heartbeat;

    Tenure(
            RelayParts parts,
            String node,
            Instant registeredAt,
            Circuit circuit,
            List<OpenTransactions> earlier,
            Runnable whenFenced) {
        this.parts = parts;
        this.node = node;
        this.spillOwner = spillOwnerOf(node);
        this.lanes = new Lanes(parts.settings());
        Lease lease = new Lease(parts.clock(), parts.settings(), registeredAt);
        this.read = new ReadBacklog(parts, lanes, lease, spillOwner, this::signalSend);
        this.complete = new CompleteBatch(parts, lanes, read::signal);
        ParkEntry park = new ParkEntry(parts, node, lanes, this::signalSend);
        RetryEntry retry = new RetryEntry(parts, node, lanes, park, this::signalSend);
        this.send = new SendBatch(parts, lanes, lease, circuit, complete, retry, park);
        this.takeOver = new TakeOver(parts, node, spillOwner, lanes, read, earlier);
        this.decide = new DecideUnknown(parts);
        this.heartbeat = new Heartbeat(parts, node, lease, this::beat, whenFenced);
    }

    static String spillOwnerOf(String node) {
        return node + "~";
    }

    String node() {
        return node;
    }

    OpenTransactions openTransactions() {
        return open;
    }

    int pendingInMemory() {
        return lanes.size();
    }

    void start() {
        heartbeat.start();
        takeOver.signal();
    }

    void signalSend() {
        send.signal();
    }

    private void beat() {
        takeOver.signal();
        read.signal();
        send.signal();
    }

    Admission admit(List<Message> messages) {
        open.opened();
        return lanes.admit(messages) ? new InMemory(messages.size()) : new Spilled(messages);
    }

    /** Waits until everything in memory is sent and removed, at most as long as the settings say. */
    boolean drain() throws InterruptedException {
        Duration limit = parts.settings().drainLimit();
        try {
            lanes.drained().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("Draining never fails", e);
        }
    }

    /** Ends all duties; what was confirmed until now is removed first if {@code flush}. */
    void close(boolean flush) {
        heartbeat.close();
        decide.close();
        if (flush) {
            complete.flush();
        }
        lanes.close();
    }

    /** A transaction whose entries are in memory. */
    private final class InMemory implements Admission {

        private final int messages;

        InMemory(int messages) {
            this.messages = messages;
        }

        @Override
        public String owner() {
            return node;
        }

        @Override
        public void abandoned() {
            lanes.abandon(messages);
            open.ended();
        }

        @Override
        public Settlement inserted(List<OutboxEntry> entries) {
            List<HeldEntry> reserved = lanes.reserve(entries);
            entries.forEach(parts.listener()::stored);
            return new Settlement() {
                @Override
                public void committed() {
                    lanes.committed(reserved);
                    open.ended();
                    send.signal();
                }

                @Override
                public void rolledBack() {
                    lanes.rolledBack(reserved);
                    open.ended();
                    send.signal();
                }

                @Override
                public void unknown() {
                    decide.add(entries.get(0), this);
                }
            };
        }
    }

    /** A transaction whose rows wait in the table. */
    private final class Spilled implements Admission {

        private final List<Message> messages;

        Spilled(List<Message> messages) {
            this.messages = messages;
        }

        @Override
        public String owner() {
            return spillOwner;
        }

        @Override
        public void abandoned() {
            lanes.notSpilled(messages);
            open.ended();
        }

        @Override
        public Settlement inserted(List<OutboxEntry> entries) {
            entries.forEach(parts.listener()::stored);
            long lowestId = entries.get(0).id();
            read.spilledInserted(lowestId);
            return new Settlement() {
                @Override
                public void committed() {
                    open.ended();
                    read.spilledDecided(lowestId, true);
                }

                @Override
                public void rolledBack() {
                    lanes.notSpilled(messages);
                    open.ended();
                    read.spilledDecided(lowestId, false);
                }

                @Override
                public void unknown() {
                    decide.add(entries.get(0), this);
                }
            };
        }
    }
}
