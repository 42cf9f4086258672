package dev.tally.broker.server;

import dev.tally.broker.client.Clients;
import dev.tally.broker.client.OffsetResets;
import dev.tally.broker.client.QueueLocks;
import dev.tally.broker.filter.InvalidExpressionException;
import dev.tally.broker.filter.Selection;
import dev.tally.broker.filter.Selections;
import dev.tally.broker.message.StoredMessages;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.PullFlag;
import dev.tally.broker.protocol.PullRequest;
import dev.tally.broker.protocol.PullResponse;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.Subscription;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A consumer pulls.
 *
 * <ol>
 *   <li>Refuse what cannot work: group switched off, no such topic or queue, no permission.
 *   <li>Find the subscription: in the pull, or in the group's heartbeat. A client may pull a moment before its heartbeat
 *       is here; then the pull waits for it a little instead of costing the client its 3 seconds of error back-off.
 *   <li>Commit the offset that the pull carries.
 *   <li>Read. At the queue's end the pull is held, if the client allows, until something arrives or its time is up.
 * </ol>
 */
final class PullHandler implements RequestHandler {

    private static final int READABLE = 4;
    private static final int MOST_MESSAGES = 1024;
    private static final int MOST_BYTES = 1024 * 1024;
    private static final long LONGEST_HOLD_MILLIS = 60_000;
    private static final long SUBSCRIPTION_RETRY_MILLIS = 100;
    private static final int SUBSCRIPTION_TRIES = 20;
    private static final int FILTER_ROUNDS = 32;

    private final MessageStore store;
    private final Clients clients;
    private final HeldPulls held;
    private final QueueLocks locks;
    private final OffsetResets resets;
    private final Executor reads;
    private final ScheduledExecutorService scheduler;
    private final InstantSource clock;
    private final Selections selections;

    PullHandler(
            MessageStore store,
            Clients clients,
            HeldPulls held,
            QueueLocks locks,
            OffsetResets resets,
            Executor reads,
            ScheduledExecutorService scheduler,
            InstantSource clock,
            Selections selections) {
        this.store = store;
        this.clients = clients;
        this.held = held;
        this.locks = locks;
        this.resets = resets;
        this.reads = reads;
        this.scheduler = scheduler;
        this.clock = clock;
        this.selections = selections;
    }

    @Override
    public CompletableFuture<Answer> handle(Connection connection, Command request) {
        PullRequest wanted = PullRequest.from(request.fields());
        long holdMillis = wanted.has(PullFlag.SUSPEND) ? Math.min(wanted.suspendMillis(), LONGEST_HOLD_MILLIS) : 0;
        Pull pull = new Pull(connection, wanted, clock.millis() + holdMillis);
        reads.execute(pull::begin);
        return pull.answer;
    }

    /** One pull, from its request to its answer; used by one thread at a time. */
    private final class Pull implements HeldPulls.Held {
        private final Connection connection;
        private final PullRequest wanted;
        private final long holdUntilMillis;
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();
        private long offset;
        private int subscriptionTries;
        private @Nullable Selection selection;

        Pull(Connection connection, PullRequest wanted, long holdUntilMillis) {
            this.connection = connection;
            this.wanted = wanted;
            this.holdUntilMillis = holdUntilMillis;
            this.offset = wanted.offset();
        }

        void begin() {
            attempt(() -> {
                Answer refusal = refusal();
                if (refusal != null) {
                    answer.complete(refusal);
                } else {
                    findFilter();
                }
            });
        }

        @Override
        public void lookAgain() {
            attempt(this::read);
        }

        @Override
        public void giveUp() {
            attempt(() -> answer.complete(nothing(
                    ResponseCode.PULL_NOT_FOUND,
                    store.minOffset(wanted.topic(), wanted.queueId()),
                    store.maxOffset(wanted.topic(), wanted.queueId()))));
        }

        private void attempt(Runnable step) {
            try {
                if (connection.open()) {
                    step.run();
                } else {
                    answer.cancel(false);
                }
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        }

        private @Nullable Answer refusal() {
            if (!GroupTopics.config(store, wanted.group()).consumeEnabled()) {
                return Answer.refused(
                        ResponseCode.NO_PERMISSION,
                        "Group " + wanted.group() + " cannot pull: consuming is switched off for it");
            }
            TopicConfig topic = store.topic(wanted.topic());
            if (topic == null) {
                return Answer.refused(
                        ResponseCode.TOPIC_NOT_EXIST,
                        "Group " + wanted.group() + " cannot pull: topic " + wanted.topic() + " does not exist");
            }
            if ((topic.perm() & READABLE) == 0) {
                return Answer.refused(
                        ResponseCode.NO_PERMISSION,
                        "Group " + wanted.group() + " cannot pull: topic " + wanted.topic() + " is not readable");
            }
            if (wanted.queueId() < 0 || wanted.queueId() >= topic.readQueues()) {
                return Answer.refused(
                        ResponseCode.INVALID_PARAMETER,
                        "Group " + wanted.group() + " cannot pull: topic " + wanted.topic() + " has "
                                + topic.readQueues() + " read queues and no queue " + wanted.queueId());
            }
            return null;
        }

        private void findFilter() {
            boolean inPull = wanted.has(PullFlag.SUBSCRIPTION);
            Subscription subscription = inPull
                    ? Subscription.of(
                            wanted.topic(), wanted.expression(), wanted.expressionType(), wanted.subscriptionVersion())
                    : clients.subscription(connection, wanted.group(), wanted.topic());
            if (subscription == null || subscription.version() < wanted.subscriptionVersion()) {
                awaitHeartbeat(subscription);
            } else {
                try {
                    selection = selections.of(subscription);
                } catch (InvalidExpressionException e) {
                    answer.complete(SubscriptionFilters.refusal(wanted.group(), subscription, inPull, e));
                    return;
                }
                commitOffset();
                read();
            }
        }

        private void awaitHeartbeat(@Nullable Subscription known) {
            if (++subscriptionTries <= SUBSCRIPTION_TRIES) {
                var unused = scheduler.schedule(
                        () -> onReader(this::findFilter), SUBSCRIPTION_RETRY_MILLIS, TimeUnit.MILLISECONDS);
            } else if (known == null) {
                answer.complete(Answer.refused(
                        ResponseCode.SUBSCRIPTION_NOT_EXIST,
                        "Group " + wanted.group() + " cannot pull: no member subscribes to topic " + wanted.topic()
                                + "; the client's next heartbeat will say"));
            } else {
                answer.complete(Answer.refused(
                        ResponseCode.SUBSCRIPTION_NOT_LATEST,
                        "Group " + wanted.group() + " cannot pull topic " + wanted.topic()
                                + ": its newer subscription is not known yet; the client's next heartbeat will say"));
            }
        }

        private void onReader(Runnable step) {
            try {
                reads.execute(() -> attempt(step));
            } catch (RejectedExecutionException e) {
                answer.completeExceptionally(e);
            }
        }

        private void commitOffset() {
            if (!wanted.has(PullFlag.COMMIT_OFFSET)
                    || wanted.commitOffset() < 0
                    || resets.pending(wanted.group(), wanted.topic(), wanted.queueId())
                    || locks.heldByAnother(connection, wanted.group(), wanted.topic(), wanted.queueId())) {
                return;
            }
            OptionalLong committed = store.committedOffset(wanted.group(), wanted.topic(), wanted.queueId());
            if (committed.isEmpty() || committed.getAsLong() != wanted.commitOffset()) {
                // Not waited for: the client commits again with its next pull.
                var unused =
                        store.commitOffset(wanted.group(), wanted.topic(), wanted.queueId(), wanted.commitOffset());
            }
        }

        private void read() {
            Selection selected = selection;
            if (selected == null) {
                throw new IllegalStateException("A pull was woken before it had a filter");
            }
            OptionalLong reset = resets.take(wanted.group(), wanted.topic(), wanted.queueId());
            if (reset.isPresent() && reset.getAsLong() != offset) {
                offset = reset.getAsLong();
                answer.complete(nothing(
                        ResponseCode.PULL_OFFSET_MOVED,
                        store.minOffset(wanted.topic(), wanted.queueId()),
                        store.maxOffset(wanted.topic(), wanted.queueId())));
                return;
            }
            for (int round = 0; round < FILTER_ROUNDS; round++) {
                ReadResult found = selected.read(
                        store,
                        wanted.topic(),
                        wanted.queueId(),
                        offset,
                        Math.max(1, Math.min(wanted.maxMessages(), MOST_MESSAGES)),
                        wanted.maxBytes() <= 0 ? MOST_BYTES : Math.min(wanted.maxBytes(), MOST_BYTES));
                if (found.status() == ReadResult.Status.NO_MATCH && found.nextOffset() > offset) {
                    offset = found.nextOffset();
                } else {
                    finish(found);
                    return;
                }
            }
            answer.complete(nothing(
                    ResponseCode.PULL_RETRY_IMMEDIATELY,
                    store.minOffset(wanted.topic(), wanted.queueId()),
                    store.maxOffset(wanted.topic(), wanted.queueId())));
        }

        private void finish(ReadResult found) {
            switch (found.status()) {
                case FOUND -> {
                    ByteBuffer body = StoredMessages.body(found.messages());
                    PullResponse fields = new PullResponse(found.nextOffset(), found.minOffset(), found.maxOffset());
                    answer.complete(new Answer(ResponseCode.SUCCESS, "FOUND", fields.toFields(), body));
                }
                case NO_MATCH, AT_END -> {
                    long remaining = holdUntilMillis - clock.millis();
                    if (remaining > 0) {
                        held.hold(connection, wanted.topic(), wanted.queueId(), offset, remaining, this);
                    } else {
                        answer.complete(nothing(ResponseCode.PULL_NOT_FOUND, found.minOffset(), found.maxOffset()));
                    }
                }
                case OFFSET_TOO_SMALL -> {
                    offset = found.minOffset();
                    answer.complete(nothing(ResponseCode.PULL_OFFSET_MOVED, found.minOffset(), found.maxOffset()));
                }
                case OFFSET_TOO_LARGE -> {
                    offset = found.maxOffset();
                    answer.complete(nothing(ResponseCode.PULL_OFFSET_MOVED, found.minOffset(), found.maxOffset()));
                }
            }
        }

        private Answer nothing(int code, long minOffset, long maxOffset) {
            PullResponse fields = new PullResponse(offset, minOffset, maxOffset);
            return new Answer(code, null, fields.toFields(), Command.noBody());
        }
    }
}
