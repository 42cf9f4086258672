package dev.tally.transport.kafka;

import dev.tally.consume.dispatch.Delivery;
import dev.tally.consume.dispatch.DispatchedQueue;
import dev.tally.consume.dispatch.Watermark;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is here of one partition, from where it was taken up to where it was given away or moved; then another one takes its
 * place. Confined to the subscription's thread, but for what handlers settle.
 */
final class PartitionQueue {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionQueue.class);

    /**
     * How many windows a partition may be ahead of its first message that is not settled. Beyond, one message would make
     * too many come again after a crash.
     */
    private static final int MOST_WINDOWS_AHEAD = 100;

    private final Consumption consumption;
    private final DispatchedQueue queue;
    private final Watermark mark;
    private final Map<Long, CompletableFuture<Void>> deadLettering = new ConcurrentHashMap<>();
    private volatile boolean given;
    private long last;
    private long told;

    /** @param first the position of the first record to come */
    PartitionQueue(Consumption consumption, String name, long first) {
        this.consumption = consumption;
        this.queue = consumption.dispatcher().open(name);
        this.mark = new Watermark(first);
        this.last = first - 1;
        this.told = first;
    }

    /** Whether records follow those that are here; they do not where the partition's position was moved back. */
    boolean isFollowedBy(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.get(0).offset() > last;
    }

    /** Hands records over, in the partition's order. */
    void offer(List<ConsumerRecord<byte[], byte[]>> records) {
        List<Delivery> wanted = new ArrayList<>(records.size());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            ReceivedMessage received = consumption.translation().fromWire(record);
            if (consumption.tags().matches(received.message().destination().tag())) {
                mark.opened(record.offset());
                wanted.add(new RecordDelivery(record, received));
            }
            last = record.offset();
        }
        queue.offer(wanted);
    }

    boolean wantsMore() {
        return queue.wantsMore() && mark.size() < (long) MOST_WINDOWS_AHEAD * consumption.window();
    }

    /**
     * Up to where it is settled.
     *
     * @param position where the consumer reads on. If nothing is open it counts: there are records that it does not hand
     *     over, such as the ends of transactions
     */
    long acknowledged(long position) {
        return mark.size() == 0 ? Math.max(mark.next(), position) : mark.next();
    }

    /** The position that the broker knows. */
    long told() {
        return told;
    }

    void told(long position) {
        told = position;
    }

    /**
     * Gives it away: no further handler begins.
     *
     * @return done when those that run have ended, and their dead letters are confirmed
     */
    CompletableFuture<Void> giveAway() {
        return queue.revoke()
                .thenCompose(
                        ended -> CompletableFuture.allOf(deadLettering.values().toArray(CompletableFuture[]::new)))
                .handle((ended, thrown) -> null);
    }

    /** What is settled from now on counts no more, and dead letters are not tried again. */
    void forget() {
        given = true;
    }

    private final class RecordDelivery implements Delivery {

        private final ConsumerRecord<byte[], byte[]> record;
        private final ReceivedMessage received;

        RecordDelivery(ConsumerRecord<byte[], byte[]> record, ReceivedMessage received) {
            this.record = record;
            this.received = received;
        }

        @Override
        public ReceivedMessage received() {
            return received;
        }

        @Override
        public void settled(DeliveryOutcome outcome) {
            if (outcome instanceof DeliveryOutcome.Delivered) {
                mark.settled(record.offset());
            } else if (outcome instanceof DeliveryOutcome.DeadLetter dead) {
                if (consumption.subscription().broadcast()) {
                    // Each member would write one of its own.
                    log(dead.reason(), "nowhere, as each member of the group gets it");
                    mark.settled(record.offset());
                } else {
                    deadLetter(dead.reason());
                }
            } else {
                throw new IllegalStateException("Cannot settle message "
                        + received.message().id() + " with " + outcome + ": it stays with the dispatcher");
            }
        }

        private void deadLetter(String reason) {
            String group = consumption.subscription().group();
            CompletableFuture<Void> publication =
                    consumption.deadLetters().publish(record, group, reason, () -> !given);
            deadLettering.put(record.offset(), publication);
            var unused = publication.whenComplete((done, thrown) -> {
                if (thrown == null) {
                    log(reason, consumption.deadLetters().topicOf(record.topic(), group));
                    mark.settled(record.offset());
                }
                deadLettering.remove(record.offset());
            });
        }

        private void log(String reason, String to) {
            LOG.warn(
                    "Dead-lettered messageId={} topic={} partition={} offset={} group={} to={} reason={}",
                    received.message().id(),
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    consumption.subscription().group(),
                    to,
                    reason);
        }
    }
}
