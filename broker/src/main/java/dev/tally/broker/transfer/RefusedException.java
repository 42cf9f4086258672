package dev.tally.broker.transfer;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A server answered that it does not do what was asked. */
final class RefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int code;

    RefusedException(String attempt, String address, int code, @Nullable String remark) {
        super(attempt + " was refused by " + address + " with code " + code
                + (remark == null || remark.isBlank() ? "" : ": " + remark));
        this.code = code;
    }

    int code() {
        return code;
    }
}
