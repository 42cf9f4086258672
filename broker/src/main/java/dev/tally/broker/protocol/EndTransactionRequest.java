package dev.tally.broker.protocol;

/**
 * The fields of a transaction's end.
 *
 * @param producerGroup who decides
 * @param position the half message's log position
 * @param decision the transaction bits of {@link SysFlag}: COMMITTED, ROLLED_BACK, or 0 for not known yet
 * @param answersCheckBack whether it answers a check-back
 * @param messageId the message's unique key, for people
 * @since 0.1
 */
public record EndTransactionRequest(
        String producerGroup, long position, int decision, boolean answersCheckBack, String messageId) {

    /** Reads the fields. */
    public static EndTransactionRequest from(Fields fields) {
        String messageId = fields.text("msgId");
        return new EndTransactionRequest(
                fields.requiredText("producerGroup"),
                fields.requiredLongNumber("commitLogOffset"),
                fields.requiredNumber("commitOrRollback"),
                fields.flag("fromTransactionCheck", false),
                messageId == null ? "" : messageId);
    }
}
