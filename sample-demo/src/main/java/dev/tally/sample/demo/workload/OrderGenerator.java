package dev.tally.sample.demo.workload;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Makes orders up: mostly good ones, some with lines that the service refuses, some too big for the stock, some
 * cancelled. The same
 * random numbers make the same orders.
 *
 * @since 0.1
 */
public final class OrderGenerator {

    private static final int PRODUCTS = 400;
    private static final int MAX_LINES = 6;
    private static final int MAX_QUANTITY = 12;
    private static final int PERCENT_WITH_A_BAD_LINE = 4;
    private static final int PERCENT_TOO_BIG = 3;
    private static final int PERCENT_CANCELLED = 5;

    /** Orders that others place before somebody wants to cancel; often none, so that the order is still being placed. */
    private static final int MAX_REGRET = 60;

    private static final List<String> COUNTRIES = List.of("United Kingdom", "France", "Germany", "Norway", "Japan");

    private final RandomGenerator random;
    private final int initialStock;

    /** A generator for a stock of {@code initialStock} pieces of each product. */
    public OrderGenerator(RandomGenerator random, int initialStock) {
        this.random = random;
        this.initialStock = initialStock;
    }

    /** Makes {@code count} orders. */
    public Workload generate(int count, String source) {
        List<NewOrder> orders = new ArrayList<>(count);
        List<Cancellation> cancellations = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            NewOrder order = order("G%07d".formatted(i));
            orders.add(order);
            if (random.nextInt(100) < PERCENT_CANCELLED) {
                cancellations.add(new Cancellation(order.orderId(), Math.min(count, i + random.nextInt(MAX_REGRET))));
            }
        }
        return new Workload(source, orders, cancellations, 0);
    }

    private NewOrder order(String orderId) {
        List<NewOrder.Line> lines = new ArrayList<>();
        int size = 1 + random.nextInt(MAX_LINES);
        for (int i = 0; i < size; i++) {
            lines.add(line(1 + random.nextInt(MAX_QUANTITY)));
        }
        int kind = random.nextInt(100);
        int place = random.nextInt(size);
        if (kind < PERCENT_WITH_A_BAD_LINE) {
            lines.set(place, badLine());
        } else if (kind < PERCENT_WITH_A_BAD_LINE + PERCENT_TOO_BIG) {
            lines.set(place, line(initialStock + 1 + random.nextInt(initialStock)));
        }
        String customer = "K%05d".formatted(random.nextInt(1000));
        return new NewOrder(orderId, customer, COUNTRIES.get(random.nextInt(COUNTRIES.size())), lines);
    }

    private NewOrder.Line badLine() {
        if (random.nextBoolean()) {
            return line(-random.nextInt(MAX_QUANTITY));
        }
        NewOrder.Line good = line(1 + random.nextInt(MAX_QUANTITY));
        return new NewOrder.Line("", good.description(), good.quantity(), good.unitPrice());
    }

    private NewOrder.Line line(int quantity) {
        int product = 1 + random.nextInt(PRODUCTS);
        return new NewOrder.Line(
                "P%04d".formatted(product), "Product " + product, quantity, BigDecimal.valueOf(product * 7L, 2));
    }
}
