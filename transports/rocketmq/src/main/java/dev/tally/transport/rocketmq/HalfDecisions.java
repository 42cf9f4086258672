package dev.tally.transport.rocketmq;

import dev.tally.retry.Backoff;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.remoting.InvokeCallback;
import org.apache.rocketmq.remoting.exception.RemotingConnectException;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.exception.RemotingTooMuchRequestException;
import org.apache.rocketmq.remoting.netty.ResponseFuture;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells brokers how half messages end, by requests that they answer. Thread-safe.
 *
 * <p>It tries again where the broker certainly has not done it: no connection, or an answer that says "not now". Where the
 * answer stays out nobody knows, and RocketMQ publishes a message twice whose commit is repeated (apache/rocketmq#5574):
 * that, and what has been tried {@value #MOST_ATTEMPTS} times, is left to the check-back.
 */
final class HalfDecisions {

    static final int MOST_ATTEMPTS = 6;

    private static final Logger LOG = LoggerFactory.getLogger(HalfDecisions.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(3), 2.5, 0);
    /** Decisions come one by one as transactions end; there is no herd to scatter. */
    private static final RandomGenerator NO_JITTER = () -> 0;

    private static final Set<Integer> NOT_NOW = Set.of(ResponseCode.SYSTEM_BUSY, ResponseCode.SERVICE_NOT_AVAILABLE);

    private final TallyProducer producer;
    private final Executor threads;
    private final ScheduledExecutorService timer;
    private final Set<Attempts> open = ConcurrentHashMap.newKeySet();

    /**
     * @param threads send the requests; may refuse
     * @param timer waits between attempts
     */
    HalfDecisions(TallyProducer producer, Executor threads, ScheduledExecutorService timer) {
        this.producer = producer;
        this.threads = threads;
        this.timer = timer;
    }

    /** Waits for the answers that are out, for at most {@code timeout}. */
    void finish(Duration timeout) {
        try {
            CompletableFuture.allOf(
                            open.stream().map(attempts -> attempts.outcome).toArray(CompletableFuture<?>[]::new))
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn(
                    "{} half messages are left to end after {}; the broker asks for them by check-back",
                    open.size(),
                    timeout);
        } catch (ExecutionException e) {
            throw new IllegalStateException("A decision must not fail", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Completes with whether the brokers have confirmed all of them. */
    CompletableFuture<Boolean> decide(List<RocketMqHalf> halves, LocalTransactionState state) {
        List<CompletableFuture<Boolean>> outcomes = new ArrayList<>(halves.size());
        for (RocketMqHalf half : halves) {
            Attempts attempts = new Attempts(half, state);
            open.add(attempts);
            outcomes.add(attempts.outcome.whenComplete((confirmed, failure) -> open.remove(attempts)));
            attempts.begin();
        }
        return CompletableFuture.allOf(outcomes.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> outcomes.stream().allMatch(CompletableFuture::join));
    }

    /** The attempts to end one half message, one after the other. */
    private final class Attempts implements InvokeCallback {

        private final RocketMqHalf half;
        private final LocalTransactionState state;
        private final CompletableFuture<Boolean> outcome = new CompletableFuture<>();
        private final AtomicInteger answered = new AtomicInteger();
        private final AtomicInteger attempt = new AtomicInteger();

        Attempts(RocketMqHalf half, LocalTransactionState state) {
            this.half = half;
            this.state = state;
        }

        void begin() {
            try {
                threads.execute(this::send);
            } catch (RejectedExecutionException e) {
                leave("too many are waiting", null);
            }
        }

        private void send() {
            attempt.incrementAndGet();
            try {
                producer.end(half.message(), half.stored(), state, this);
            } catch (RemotingConnectException | RemotingTooMuchRequestException | MQClientException e) {
                if (answers()) {
                    again(e.toString());
                }
            } catch (RemotingException | UnknownHostException | RuntimeException e) {
                if (answers()) {
                    leave(e.toString(), e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                if (answers()) {
                    leave("interrupted", null);
                }
            }
        }

        /** Whether this is the first outcome of the current attempt: the client may tell one in several ways. */
        private boolean answers() {
            int current = attempt.get();
            return answered.compareAndSet(current - 1, current);
        }

        @Override
        public void operationComplete(ResponseFuture future) {
            if (!answers()) {
                return;
            }
            RemotingCommand answer = future.getResponseCommand();
            if (answer == null) {
                leave("no answer", future.getCause());
            } else if (answer.getCode() == ResponseCode.SUCCESS) {
                LOG.debug("Half message ended messageId={} state={}", half.messageId(), state);
                outcome.complete(true);
            } else if (NOT_NOW.contains(answer.getCode())) {
                again("code " + answer.getCode() + " " + answer.getRemark());
            } else {
                leave("refused with code " + answer.getCode() + ": " + answer.getRemark(), null);
            }
        }

        /** Where there was no connection; the client then has no answer to complete. */
        @Override
        public void operationFail(Throwable failure) {
            boolean certain =
                    failure instanceof RemotingConnectException || failure instanceof RemotingTooMuchRequestException;
            if (certain && answers()) {
                again(failure.toString());
            }
            // Everything else is told by operationComplete as well.
        }

        private void again(String reason) {
            if (attempt.get() >= MOST_ATTEMPTS) {
                leave(reason + ", after " + attempt.get() + " attempts", null);
                return;
            }
            try {
                var unused = timer.schedule(
                        this::begin, BACKOFF.delay(attempt.get(), NO_JITTER).toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                leave("the transport is closed", null);
            }
        }

        private void leave(@Nullable String reason, @Nullable Throwable cause) {
            LOG.warn(
                    "Cannot tell the broker {} for half message {}: {}; it will ask by check-back",
                    state,
                    half.messageId(),
                    reason,
                    cause);
            outcome.complete(false);
        }
    }
}
