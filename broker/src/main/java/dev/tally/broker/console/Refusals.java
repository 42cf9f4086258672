package dev.tally.broker.console;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the administration tool can ask and this broker does not do, with the reason. */
final class Refusals {

    static final Map<Integer, String> REASONS;

    static {
        Map<Integer, String> reasons = new HashMap<>();
        add(reasons, "it has one queue for each number and moves none between brokers (static topics)", 513);
        add(reasons, "it is one process, which contains no further brokers", 902, 903);
        add(reasons, "it has no copies: no epochs, no elections, no sets in sync", 908, 1002, 1005, 1006, 1007, 1009);
        add(reasons, "it has no copies: no epochs, no elections, no sets in sync", 1010, 1011);
        add(reasons, "it reads old messages like new ones, there is no cold data to slow down", 2001, 2002, 2003, 2004);
        add(reasons, "its indexes are no RocksDB", 354, 355);
        add(reasons, "its timers are part of its log, there is one engine", 45, 60, 61, 5001);
        add(reasons, "it has no lite topics", 200074, 200075, 200076, 200077, 200078, 200079);
        add(reasons, "the name server is the broker itself, whose settings the start command says", 318);
        add(reasons, "a group is allowed to consume as a whole or not at all", 353);
        String accounts =
                "accounts and permissions are lines of the file that --accounts names, read again when it changes";
        add(reasons, accounts, 3001, 3002, 3003, 3004, 3005, 3006, 3007, 3008, 3009, 3010);
        REASONS = Map.copyOf(reasons);
    }

    private Refusals() {}

    private static void add(Map<Integer, String> reasons, String reason, Integer... codes) {
        List.of(codes).forEach(code -> reasons.put(code, reason));
    }
}
