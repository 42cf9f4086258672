package dev.tally.broker.server;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.EndTransactionRequest;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.SysFlag;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.DecisionRequest;
import dev.tally.broker.store.MessageStore;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A producer decides about a half message. The official clients do it one-way and never hear the answer; sent as a
 * request it is answered when the decision is durable.
 */
final class EndTransactionHandler implements RequestHandler {

    private static final Logger log = LoggerFactory.getLogger(EndTransactionHandler.class);

    private final MessageStore store;
    private final Inquiries inquiries;

    EndTransactionHandler(MessageStore store, Inquiries inquiries) {
        this.store = store;
        this.inquiries = inquiries;
    }

    @Override
    public CompletableFuture<Answer> handle(Connection connection, Command request) {
        EndTransactionRequest end = EndTransactionRequest.from(request.fields());
        inquiries.answered(end.position());
        Decision decision =
                switch (end.decision()) {
                    case SysFlag.COMMITTED -> Decision.COMMIT;
                    case SysFlag.ROLLED_BACK -> Decision.ROLLBACK;
                    default -> null;
                };
        if (decision == null) {
            // The producer does not know yet; the next check-back asks again.
            return CompletableFuture.completedFuture(Answer.ok());
        }
        DecisionOrigin origin = end.answersCheckBack() ? DecisionOrigin.CHECK_BACK : DecisionOrigin.PRODUCER;
        return store.decide(new DecisionRequest(end.position(), end.producerGroup(), decision, origin))
                .thenApplyAsync(outcome -> answer(end, decision, outcome), connection.executor());
    }

    private static Answer answer(EndTransactionRequest end, Decision decision, DecisionOutcome outcome) {
        if (outcome instanceof DecisionOutcome.Decided) {
            log.debug("Half message decided; position={} outcome={}", end.position(), outcome);
            return Answer.ok();
        }
        String attempt = "Cannot " + decision + " half message at position " + end.position() + " (message "
                + end.messageId() + ") for group " + end.producerGroup() + ": ";
        Answer refusal;
        if (outcome instanceof DecisionOutcome.Conflict conflict) {
            refusal = Answer.refused(
                    ResponseCode.ILLEGAL_OPERATION,
                    attempt + "it was decided before as " + conflict.standing() + "; that stands");
        } else if (outcome instanceof DecisionOutcome.Forbidden forbidden) {
            refusal = Answer.refused(
                    ResponseCode.TRANSACTION_STATE_GROUP_WRONG,
                    attempt + "it belongs to group " + forbidden.owner() + "; nothing changed");
        } else {
            refusal = Answer.refused(
                    ResponseCode.QUERY_NOT_FOUND, attempt + "no half message is known there; nothing changed");
        }
        log.warn("{}", refusal.remark());
        return refusal;
    }
}
