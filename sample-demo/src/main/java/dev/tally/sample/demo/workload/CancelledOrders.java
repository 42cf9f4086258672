package dev.tally.sample.demo.workload;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds what cancellations cancel. In the files they name no invoice: it is the customer's last one before it that is not
 * cancelled yet, and where the file has none of that customer, the last one of anybody, since files are excerpts.
 */
final class CancelledOrders {

    private final List<NewOrder> before = new ArrayList<>();
    private final Set<String> cancelled = new HashSet<>();
    private final List<Cancellation> found = new ArrayList<>();
    private int leftOut;

    void placed(NewOrder order) {
        before.add(order);
    }

    void cancelled(String customerId) {
        NewOrder target = null;
        for (int i = before.size() - 1; i >= 0; i--) {
            NewOrder order = before.get(i);
            if (!cancelled.contains(order.orderId())) {
                if (!customerId.isEmpty() && order.customerId().equals(customerId)) {
                    target = order;
                    break;
                }
                target = target == null ? order : target;
            }
        }
        if (target == null) {
            leftOut++;
        } else {
            cancelled.add(target.orderId());
            found.add(new Cancellation(target.orderId(), before.size()));
        }
    }

    List<Cancellation> found() {
        return found;
    }

    int leftOut() {
        return leftOut;
    }
}
