package dev.tally.half;

import dev.tally.message.MessageId;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers check-backs from the ledger of the data source that the transaction's id names; any instance of the service
 * can. What cannot be found out is UNKNOWN, never a guess: an id of a data source that is not known here may be that of
 * another version of the service, which will be asked as well. Thread-safe.
 *
 * @since 0.1
 */
public final class LedgerCheckBack implements CheckBack {

    private static final Logger log = LoggerFactory.getLogger(LedgerCheckBack.class);

    /** Names come from the broker, so they are remembered only so far. */
    private static final int MOST_STRANGERS = 100;

    private final Map<LedgerName, TransactionLedger> ledgers;
    private final SafeListener listener;
    private final Set<LedgerName> strangers = ConcurrentHashMap.newKeySet();

    /** Creates the answer over the ledger of the only data source. */
    public LedgerCheckBack(TransactionLedger ledger, HalfMessageListener listener) {
        this(Map.of(LedgerName.PRIMARY, ledger), listener);
    }

    /** Creates the answer over the ledgers of several data sources. */
    public LedgerCheckBack(Map<LedgerName, TransactionLedger> ledgers, HalfMessageListener listener) {
        this.ledgers = Map.copyOf(ledgers);
        this.listener = new SafeListener(listener);
    }

    @Override
    public CheckBackAnswer check(String transactionId, MessageId messageId) {
        LedgerName name = LedgerName.in(transactionId);
        TransactionLedger ledger = ledgers.get(name);
        CheckBackAnswer answer = ledger == null ? unknown(name, messageId) : ask(ledger, transactionId, messageId);
        log.debug("checked back transactionId={} messageId={} answer={}", transactionId, messageId, answer);
        listener.tell(l -> l.checkedBack(answer));
        return answer;
    }

    private static CheckBackAnswer ask(TransactionLedger ledger, String transactionId, MessageId messageId) {
        try {
            return ledger.resolve(transactionId);
        } catch (RuntimeException e) {
            log.warn(
                    "cannot find out how a local transaction ended transactionId={} messageId={} answer=UNKNOWN; the"
                            + " broker will ask again",
                    transactionId,
                    messageId,
                    e);
            return CheckBackAnswer.UNKNOWN;
        }
    }

    private CheckBackAnswer unknown(LedgerName name, MessageId messageId) {
        if (strangers.size() < MOST_STRANGERS && strangers.add(name)) {
            log.warn(
                    "asked about a local transaction of data source '{}', there are {} messageId={}"
                            + " answer=UNKNOWN; the broker will ask again, and an instance that has this data source"
                            + " must answer. Further questions about it are answered without a word",
                    name,
                    new TreeSet<>(
                            ledgers.keySet().stream().map(LedgerName::toString).toList()),
                    messageId);
        }
        return CheckBackAnswer.UNKNOWN;
    }
}
