package dev.tally.benchmarks.shop;

import java.util.List;

/** Topics of the shop; they are there before it. */
public final class ShopTopics {

    static final String STOCK = "stock-commands";
    static final String BILLING = "billing-commands";
    static final String PAYMENTS = "payments-commands";
    static final String REPLIES = "bench-saga-replies";

    /** Whoever reads this topic does not exist. */
    static final String NOBODY = "nobody-commands";

    /** All of them. */
    public static final List<String> ALL = List.of(STOCK, BILLING, PAYMENTS, REPLIES, NOBODY);

    private ShopTopics() {}
}
