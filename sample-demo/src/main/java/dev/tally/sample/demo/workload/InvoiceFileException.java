package dev.tally.sample.demo.workload;

import org.jspecify.annotations.Nullable;

/**
 * A file of invoices cannot be used; the message is one line that says which file, where in it and why.
 *
 * @since 0.1
 */
public class InvoiceFileException extends Exception {

    private static final long serialVersionUID = 1L;

    InvoiceFileException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
