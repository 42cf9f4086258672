package dev.tally.saga.engine;

import dev.tally.message.Message;
import dev.tally.saga.message.SagaMessageException;
import dev.tally.saga.message.SagaReply;
import dev.tally.saga.store.StaleSagaException;
import dev.tally.saga.store.StoredSaga;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Takes the replies of participants.
 *
 * <ol>
 *   <li>Their sagas are locked, and each reply is taken in order; what cannot be taken is kept as a stray one.
 *   <li>What follows, from local steps to the next commands, is done and kept in the same transaction.
 *   <li>If that fails, each reply is taken by itself.
 * </ol>
 *
 * <p>There is no inbox: a reply names its saga, step and attempt, and moves the step once. A reply for a saga that this
 * application cannot go on with waits for one that can. Thread-safe.
 *
 * @since 0.1
 */
public final class ReplyHandler implements BatchHandler {

    private static final Logger log = LoggerFactory.getLogger(ReplyHandler.class);

    private final EngineParts parts;
    private final WorkRunner runner;

    /** Creates the handler. */
    public ReplyHandler(EngineParts parts) {
        this.parts = parts;
        this.runner = new WorkRunner(parts);
    }

    private record Reply(
            Message message,
            @Nullable SagaReply said,
            @Nullable String fault) {

        static Reply of(ReceivedMessage received) {
            try {
                return new Reply(received.message(), SagaReply.of(received.message()), null);
            } catch (SagaMessageException e) {
                return new Reply(received.message(), null, e.getMessage());
            }
        }
    }

    @Override
    public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        List<Reply> replies = batch.stream().map(Reply::of).toList();
        KnownFailures failures = new KnownFailures();
        if (replies.size() > 1 && takeTogether(replies, failures)) {
            return replies.stream().map(ReplyHandler::delivered).toList();
        }
        List<DeliveryOutcome> outcomes = new ArrayList<>();
        DeliveryOutcome.Later later = null;
        for (Reply reply : replies) {
            DeliveryOutcome outcome = later == null ? takeAlone(reply, failures) : later;
            later = outcome instanceof DeliveryOutcome.Later isLater ? isLater : later;
            outcomes.add(outcome);
        }
        return outcomes;
    }

    private static DeliveryOutcome delivered(Reply reply) {
        return reply.fault() == null ? new DeliveryOutcome.Delivered() : new DeliveryOutcome.DeadLetter(reply.fault());
    }

    private boolean takeTogether(List<Reply> replies, KnownFailures failures) {
        try {
            runner.once(work -> take(work, replies), failures);
            return true;
        } catch (RuntimeException e) {
            log.debug("{} replies are taken one by one", replies.size(), e);
            return false;
        }
    }

    private DeliveryOutcome takeAlone(Reply reply, KnownFailures failures) {
        SagaReply said = reply.said();
        if (said == null) {
            return delivered(reply);
        }
        try {
            runner.persistently(
                    work -> take(work, List.of(reply)),
                    failures,
                    SagaWork.mail(said, reply.message(), parts.clock().instant()));
            return new DeliveryOutcome.Delivered();
        } catch (DataAccessException | TransactionException | StaleSagaException e) {
            return new DeliveryOutcome.Later(Opening.message(e));
        } catch (RuntimeException e) {
            log.warn("a reply could not be taken sagaId={} step={}", said.sagaId(), said.step(), e);
            return new DeliveryOutcome.Retry(Opening.message(e));
        }
    }

    private void take(SagaWork work, List<Reply> replies) {
        Set<String> ids = new LinkedHashSet<>();
        replies.forEach(reply -> {
            if (reply.said() != null) {
                ids.add(reply.said().sagaId());
            }
        });
        Map<String, StoredSaga> sagas = new LinkedHashMap<>();
        parts.store().lock(ids).forEach(saga -> sagas.put(saga.id(), saga));
        for (Reply reply : replies) {
            SagaReply said = reply.said();
            if (said == null) {
                continue;
            }
            StoredSaga saga = sagas.get(said.sagaId());
            if (saga == null) {
                work.keepStray(
                        "", SagaWork.mail(said, reply.message(), work.now()), "there is no saga " + said.sagaId());
            } else if (saga.state().isEnd()) {
                work.late(saga, said, reply.message());
            } else if (work.canOpen(saga)) {
                work.reply(work.open(saga), said, reply.message());
            } else {
                work.keep(said, reply.message());
                parts.store().wake(saga.id(), RunState.atOnce(work.now()));
            }
        }
    }
}
