package dev.tally.broker.access;

import org.jspecify.annotations.Nullable;

/** What an account may do with a topic or as a member of a group. */
enum Permission {
    DENY(false, false),
    PUB(true, false),
    SUB(false, true),
    PUB_SUB(true, true);

    private final boolean publish;
    private final boolean subscribe;

    Permission(boolean publish, boolean subscribe) {
        this.publish = publish;
        this.subscribe = subscribe;
    }

    /** What is asked for. */
    enum Use {
        PUB,
        SUB,
        /** Either of them. */
        ANY
    }

    boolean allows(Use use) {
        return switch (use) {
            case PUB -> publish;
            case SUB -> subscribe;
            case ANY -> publish || subscribe;
        };
    }

    /** The permission as account files spell it, {@code null} for any other text. */
    static @Nullable Permission spelled(String text) {
        return switch (text.replace(" ", "")) {
            case "DENY" -> DENY;
            case "PUB" -> PUB;
            case "SUB" -> SUB;
            case "PUB|SUB", "SUB|PUB" -> PUB_SUB;
            default -> null;
        };
    }
}
