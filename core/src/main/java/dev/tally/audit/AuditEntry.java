package dev.tally.audit;

/**
 * One thing that a person did.
 *
 * @param actor who; not blank
 * @param action what, a word such as {@code decide-half-message}
 * @param subject on what, an id
 * @param reason why, in the person's words; not blank
 * @param detail what was found and what was done about it
 * @since 0.1
 */
public record AuditEntry(String actor, String action, String subject, String reason, String detail) {

    /** The longest reason, in characters. */
    public static final int LONGEST_REASON = 1_000;

    private static final int LONGEST_ACTOR = 200;
    private static final int LONGEST_DETAIL = 2_000;

    public AuditEntry {
        require(actor, "who does it", LONGEST_ACTOR, action, subject);
        require(reason, "the reason", LONGEST_REASON, action, subject);
        if (detail.length() > LONGEST_DETAIL) {
            detail = detail.substring(0, LONGEST_DETAIL);
        }
    }

    private static void require(String text, String what, int longest, String action, String subject) {
        if (text.isBlank() || text.length() > longest) {
            throw new IllegalArgumentException("Cannot " + action + " " + subject + ": " + what + " has "
                    + text.strip().length() + " characters, between 1 and " + longest
                    + " are needed; nothing was done");
        }
    }
}
