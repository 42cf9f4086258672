package dev.tally.sample.demo.place;

import dev.tally.sample.demo.workload.NewOrder;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What came of placing.
 *
 * @param accepted the orders that the service has answered for, as they were accepted, by id
 * @param whollyRefused orders of which no line was left
 * @param refusedLines refused lines by reason
 * @param refusedOrders orders refused for something that is not a line, with the reason
 * @param unanswered orders without an answer at the end, with the last thing heard
 * @param unexpected orders with an answer that makes no sense
 * @param cancelled orders whose cancellation was accepted
 * @param notCancelled orders whose cancellation was refused, or that were never placed
 * @param answeredBefore orders that an earlier, unanswered try had stored
 * @param retries tries after the first
 * @since 0.1
 */
public record Placed(
        Map<String, NewOrder> accepted,
        List<String> whollyRefused,
        Map<String, Integer> refusedLines,
        List<String> refusedOrders,
        List<String> unanswered,
        List<String> unexpected,
        Set<String> cancelled,
        List<String> notCancelled,
        int answeredBefore,
        int retries) {}
