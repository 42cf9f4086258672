package dev.tally.half;

import dev.tally.message.MessageId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers check-backs from the ledger; any instance of the service can. What cannot be found out is UNKNOWN, never a
 * guess. Thread-safe.
 *
 * @since 0.1
 */
public final class LedgerCheckBack implements CheckBack {

    private static final Logger log = LoggerFactory.getLogger(LedgerCheckBack.class);

    private final TransactionLedger ledger;
    private final SafeListener listener;

    /** Creates the answer over {@code ledger}. */
    public LedgerCheckBack(TransactionLedger ledger, HalfMessageListener listener) {
        this.ledger = ledger;
        this.listener = new SafeListener(listener);
    }

    @Override
    public CheckBackAnswer check(String transactionId, MessageId messageId) {
        CheckBackAnswer answer;
        try {
            answer = ledger.resolve(transactionId);
        } catch (RuntimeException e) {
            log.warn(
                    "cannot find out how a local transaction ended transactionId={} messageId={} answer=UNKNOWN; the"
                            + " broker will ask again",
                    transactionId,
                    messageId,
                    e);
            answer = CheckBackAnswer.UNKNOWN;
        }
        log.debug("checked back transactionId={} messageId={} answer={}", transactionId, messageId, answer);
        CheckBackAnswer told = answer;
        listener.tell(l -> l.checkedBack(told));
        return answer;
    }
}
