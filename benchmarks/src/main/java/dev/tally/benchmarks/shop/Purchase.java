package dev.tally.benchmarks.shop;

/**
 * What a saga is about.
 *
 * @param id unique among all processes
 */
record Purchase(long id, String customer, long cents) {

    private static final int CUSTOMERS = 1000;
    private static final int PRICES = 500;

    static Purchase of(long id) {
        return new Purchase(id, "customer-" + id % CUSTOMERS, 1 + id % PRICES);
    }
}
