package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmListener;
import com.rabbitmq.client.ReturnListener;
import com.rabbitmq.client.ShutdownListener;
import com.rabbitmq.client.ShutdownSignalException;
import dev.tally.transport.SendOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A channel with publisher confirms, and what is under way on it. Its number in the channel names each message in the
 * broker's confirmations.
 *
 * <ol>
 *   <li>A message is noted, then published.
 *   <li>A message that no queue got comes back, named by its id, before it is confirmed like the others.
 *   <li>When the channel closes, all that is under way has failed: the broker has it or not.
 * </ol>
 *
 * <p>Published on one thread. What the broker says is read on the client's thread, which must never wait, and taken in on
 * another, in the order in which it came.
 */
final class PublishingChannel implements ConfirmListener, ReturnListener, ShutdownListener, BlockedListener {

    private static final Logger LOG = LoggerFactory.getLogger(PublishingChannel.class);

    private final Link link;
    private final Channel channel;
    private final Topology topology;
    private final Executor answers;
    private final NavigableMap<Long, Publication> underWay = new ConcurrentSkipListMap<>();

    /** By message id: how many came back and are not confirmed yet. Only on the answers' thread. */
    private final Map<String, Integer> returned = new HashMap<>();

    /** Those without an id of which one came back: all, since it is not known which. Only on the answers' thread. */
    private final Set<Publication> perhapsReturned = new HashSet<>();

    /** Exchanges and queues that were there. */
    private final Set<Publication.Target> known = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean closed = new AtomicBoolean();

    private volatile @Nullable String blocked;

    private PublishingChannel(Link link, Channel channel, Topology topology, Executor answers) {
        this.link = link;
        this.channel = channel;
        this.topology = topology;
        this.answers = answers;
    }

    /**
     * Opens a channel of a connection.
     *
     * @param answers takes in what the broker says, one after the other
     */
    static PublishingChannel open(Link link, Topology topology, Executor answers) throws IOException {
        Channel channel = link.createChannel();
        PublishingChannel opened = new PublishingChannel(link, channel, topology, answers);
        channel.addConfirmListener((ConfirmListener) opened);
        channel.addReturnListener((ReturnListener) opened);
        channel.addShutdownListener(opened);
        link.client().addBlockedListener(opened);
        channel.confirmSelect();
        return opened;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** Publishes it; its outcome comes later, or now. */
    void publish(Publication publication) {
        String reason = blocked;
        if (reason != null) {
            publication.failed(true, "the broker takes no messages at the moment: " + reason, null);
            return;
        }
        if (!isThere(publication)) {
            return;
        }
        long number = channel.getNextPublishSeqNo();
        underWay.put(number, publication);
        try {
            Publication.Target target = publication.target();
            channel.basicPublish(
                    target.exchange(),
                    target.routingKey(),
                    target.mandatory(),
                    publication.properties(),
                    publication.body());
        } catch (IOException | AlreadyClosedException e) {
            underWay.remove(number);
            publication.failed(true, BrokerErrors.textOf(e) + "; the broker may have it or not", e);
            close();
        } catch (IllegalArgumentException e) {
            underWay.remove(number);
            publication.failed(false, "the client cannot write it, " + e.getMessage(), e);
            // The client has counted it and the broker has not: no later confirmation would be for the right message.
            close();
        }
    }

    /** Whether its exchange or queue is there, made if need be; otherwise it has failed. */
    private boolean isThere(Publication publication) {
        Publication.Target target = publication.target();
        Publication.Target place = target.place();
        if (known.contains(place)) {
            return true;
        }
        try {
            if (target.isQueue()) {
                topology.ensureDeadLetters(link, target.name());
            } else {
                topology.ensureExchange(link, target.name());
            }
            known.add(place);
            return true;
        } catch (IOException | AlreadyClosedException e) {
            boolean forbidden = BrokerErrors.codeOf(e) == BrokerErrors.ACCESS_REFUSED;
            publication.failed(!forbidden, BrokerErrors.textOf(e), e);
            return false;
        }
    }

    @Override
    public void handleAck(long number, boolean multiple) {
        answers.execute(() -> takeOut(number, multiple).forEach(this::confirmed));
    }

    @Override
    public void handleNack(long number, boolean multiple) {
        answers.execute(() -> takeOut(number, multiple)
                .forEach(each -> each.failed(
                        true,
                        "the broker refused it: a queue of " + each.target() + " is full, or could not store it",
                        null)));
    }

    @Override
    public void handleReturn(
            int code, String text, String exchange, String routingKey, AMQP.BasicProperties properties, byte[] body) {
        String id = properties.getMessageId() == null ? "" : properties.getMessageId();
        answers.execute(() -> {
            if (id.isEmpty()) {
                underWay.values().stream()
                        .filter(each -> each.messageId().isEmpty())
                        .forEach(perhapsReturned::add);
            } else {
                returned.merge(id, 1, Integer::sum);
            }
        });
    }

    private void confirmed(Publication publication) {
        String id = publication.messageId();
        if (id.isEmpty() ? perhapsReturned.remove(publication) : wasReturned(id)) {
            // Somebody may have deleted a queue that was there.
            known.remove(publication.target().place());
            publication.failed(true, "no queue is bound to " + publication.target() + ", so nobody would get it", null);
        } else {
            publication.outcome().complete(new SendOutcome.Sent(id));
        }
    }

    /** One message that is under way twice is the same whichever of them came back. */
    private boolean wasReturned(String id) {
        Integer times = returned.remove(id);
        if (times != null && times > 1) {
            returned.put(id, times - 1);
        }
        return times != null;
    }

    private List<Publication> takeOut(long number, boolean multiple) {
        if (!multiple) {
            Publication one = underWay.remove(number);
            return one == null ? List.of() : List.of(one);
        }
        NavigableMap<Long, Publication> upTo = underWay.headMap(number, true);
        List<Publication> all = new ArrayList<>(upTo.values());
        upTo.clear();
        return all;
    }

    @Override
    public void shutdownCompleted(ShutdownSignalException cause) {
        answers.execute(() -> {
            for (Publication each : takeOut(Long.MAX_VALUE, true)) {
                boolean never = PublishFailures.isFinalFor(each, cause);
                each.failed(
                        !never, BrokerErrors.textOf(cause) + (never ? "" : "; the broker may have it or not"), cause);
            }
        });
    }

    @Override
    public void handleBlocked(String reason) {
        LOG.warn("RabbitMQ takes no messages until it has more room; sends fail and are tried again reason={}", reason);
        blocked = reason;
    }

    @Override
    public void handleUnblocked() {
        LOG.info("RabbitMQ takes messages again");
        blocked = null;
    }

    /** Done when nothing is under way, or all of it has failed. */
    CompletableFuture<Void> settled() {
        return CompletableFuture.allOf(
                underWay.values().stream().map(Publication::outcome).toArray(CompletableFuture[]::new));
    }

    /** What is under way fails. Idempotent. */
    void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            channel.abort();
        } catch (IOException e) {
            LOG.debug("A channel could not be closed", e);
        }
        link.client().removeBlockedListener(this);
        link.close();
    }
}
