package dev.tally.sample.demo.workload;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads a CSV file of invoices, UTF-8, one record for each line of an invoice. All lines of an invoice make one order.
 * An invoice number that begins with {@code C} is a cancellation: no order, but the wish to cancel one that came before.
 *
 * <p>A line that makes no sense as an order (no product code, a quantity below 1) is read like any other: refusing it is
 * the service's business. A file that is no such CSV is refused here.
 *
 * @since 0.1
 */
public final class InvoiceFile {

    private static final List<String> HEADER = List.of(
            "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country");

    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setIgnoreEmptyLines(true)
            .setTrailingData(false)
            .get();

    private final Path file;

    /** A reader of {@code file}. */
    public InvoiceFile(Path file) {
        this.file = file;
    }

    /**
     * Reads all of it.
     *
     * @throws InvoiceFileException if it is missing, unreadable, malformed, or holds no order
     */
    public Workload read() throws InvoiceFileException {
        try (Reader text = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                CSVParser records =
                        CSVParser.builder().setReader(text).setFormat(FORMAT).get()) {
            return read(records);
        } catch (NoSuchFileException missing) {
            throw new InvoiceFileException("Cannot read orders from " + file + ": there is no such file", missing);
        } catch (UncheckedIOException malformed) {
            throw unreadable(malformed.getCause());
        } catch (IOException unreadable) {
            throw unreadable(unreadable);
        }
    }

    private Workload read(CSVParser records) throws InvoiceFileException {
        boolean headerSeen = false;
        Map<String, List<CSVRecord>> invoices = new LinkedHashMap<>();
        for (CSVRecord record : records) {
            if (headerSeen) {
                String number = invoiceNumber(record);
                invoices.computeIfAbsent(number, invoice -> new ArrayList<>()).add(record);
            } else {
                checkHeader(record);
                headerSeen = true;
            }
        }
        if (!headerSeen) {
            throw new InvoiceFileException("Cannot read orders from " + file + ": it is empty", null);
        }
        List<NewOrder> orders = new ArrayList<>();
        CancelledOrders cancelled = new CancelledOrders();
        for (Map.Entry<String, List<CSVRecord>> invoice : invoices.entrySet()) {
            if (invoice.getKey().startsWith("C")) {
                cancelled.cancelled(field(invoice.getValue().get(0), "CustomerID"));
            } else {
                NewOrder order = order(invoice.getKey(), invoice.getValue());
                orders.add(order);
                cancelled.placed(order);
            }
        }
        if (orders.isEmpty()) {
            throw new InvoiceFileException("Cannot read orders from " + file + ": it holds no invoice", null);
        }
        return new Workload("orders from " + file, orders, cancelled.found(), cancelled.leftOut());
    }

    private void checkHeader(CSVRecord record) throws InvoiceFileException {
        List<String> found = new ArrayList<>(record.toList());
        // Spreadsheets like to begin a file with a byte order mark.
        found.set(0, found.get(0).replace("\uFEFF", ""));
        if (!found.equals(HEADER)) {
            throw new InvoiceFileException(
                    "Cannot read orders from " + file + ": the header is not " + String.join(",", HEADER), null);
        }
    }

    private String invoiceNumber(CSVRecord record) throws InvoiceFileException {
        if (record.size() != HEADER.size()) {
            throw malformed(record, "has " + record.size() + " fields, not " + HEADER.size(), null);
        }
        String number = field(record, "InvoiceNo").strip();
        if (number.isEmpty()) {
            throw malformed(record, "has no InvoiceNo", null);
        }
        return number;
    }

    private NewOrder order(String number, List<CSVRecord> records) throws InvoiceFileException {
        List<NewOrder.Line> lines = new ArrayList<>();
        for (CSVRecord record : records) {
            lines.add(new NewOrder.Line(
                    field(record, "StockCode").strip(),
                    field(record, "Description"),
                    quantity(record),
                    decimal(record, "UnitPrice")));
        }
        CSVRecord first = records.get(0);
        return new NewOrder(number, field(first, "CustomerID"), field(first, "Country"), lines);
    }

    private int quantity(CSVRecord record) throws InvoiceFileException {
        try {
            return decimal(record, "Quantity").intValueExact();
        } catch (ArithmeticException notWhole) {
            throw malformed(record, "has Quantity '" + field(record, "Quantity") + "', not a whole number", notWhole);
        }
    }

    private BigDecimal decimal(CSVRecord record, String name) throws InvoiceFileException {
        try {
            return new BigDecimal(field(record, name).strip());
        } catch (NumberFormatException notANumber) {
            throw malformed(record, "has " + name + " '" + field(record, name) + "', not a number", notANumber);
        }
    }

    private static String field(CSVRecord record, String name) {
        return record.get(HEADER.indexOf(name));
    }

    private InvoiceFileException malformed(CSVRecord record, String what, @Nullable Throwable cause) {
        return new InvoiceFileException(
                "Cannot read orders from " + file + ": record " + record.getRecordNumber() + " " + what, cause);
    }

    private InvoiceFileException unreadable(@Nullable IOException cause) {
        String why = cause == null || cause.getMessage() == null ? "it cannot be read" : cause.getMessage();
        if (cause instanceof CharacterCodingException) {
            why = "it is not UTF-8 text";
        }
        return new InvoiceFileException("Cannot read orders from " + file + ": " + why, cause);
    }
}
