package dev.tally.saga.participant;

import dev.tally.message.EncodedPayload;
import dev.tally.saga.message.ReplyOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What was answered to a command, for who asks again.
 *
 * @param outcome {@link ReplyOutcome#DONE} or {@link ReplyOutcome#REFUSED}
 * @param reason why it was refused, for people; at most {@value #LONGEST_REASON} characters are kept
 * @param payload what it was answered with
 * @since 0.1
 */
public record StoredAnswer(ReplyOutcome outcome, @Nullable String reason, EncodedPayload payload) {

    /** In characters. */
    public static final int LONGEST_REASON = 500;

    /** Makes the reason what every database and every broker takes. */
    public StoredAnswer {
        reason = reason == null ? null : line(reason);
    }

    private static String line(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        if (line.length() <= LONGEST_REASON) {
            return line;
        }
        boolean inPair = Character.isHighSurrogate(line.charAt(LONGEST_REASON - 1));
        return line.substring(0, inPair ? LONGEST_REASON - 1 : LONGEST_REASON);
    }
}
