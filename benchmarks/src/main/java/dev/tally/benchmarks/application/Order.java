package dev.tally.benchmarks.application;

/**
 * What is published: 1024 bytes of JSON.
 *
 * @param orderId of ten digits
 */
public record Order(long orderId, String customer, long cents, String note) {

    /** The least id. */
    public static final long FIRST_ID = 1_000_000_000L;

    /** Length of its JSON, in bytes. */
    public static final int JSON_BYTES = 1024;

    private static final String CUSTOMER = "customer-0042";
    private static final String NO_CUSTOMER = "customer-0000";
    private static final long CENTS = 4200;
    private static final String REST_OF_JSON =
            "{\"orderId\":" + FIRST_ID + ",\"customer\":\"" + CUSTOMER + "\",\"cents\":" + CENTS + ",\"note\":\"\"}";
    private static final String NOTE =
            "what was ordered, ".repeat(JSON_BYTES).substring(0, JSON_BYTES - REST_OF_JSON.length());

    /** The order of that id. */
    static Order of(long orderId) {
        return new Order(orderId, CUSTOMER, CENTS, NOTE);
    }

    /**
     * The order of that id, of one of many customers.
     *
     * @param customer of at most four digits
     */
    public static Order of(long orderId, int customer) {
        return new Order(orderId, customerName(customer), CENTS, NOTE);
    }

    /** The name of a customer. */
    public static String customerName(int customer) {
        String digits = Integer.toString(customer);
        return NO_CUSTOMER.substring(0, NO_CUSTOMER.length() - digits.length()) + digits;
    }
}
