package dev.tally.broker.transfer;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** The table and the verdict at the end. */
final class CopyReport {

    private static final List<String> HEAD =
            List.of("TOPIC", "BROKER", "QUEUE", "FROM", "UP TO", "COPIED", "AT TARGET", "");

    private final Consumer<String> out;

    CopyReport(Consumer<String> out) {
        this.out = out;
    }

    void table(List<QueueCopy> queues, List<String> verdicts) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        for (int i = 0; i < queues.size(); i++) {
            QueueState state = queues.get(i).state();
            rows.add(List.of(
                    state.key().topic(),
                    state.key().broker(),
                    Integer.toString(state.key().queue()),
                    Long.toString(state.begin()),
                    Long.toString(state.next()),
                    Long.toString(state.copied()),
                    state.targetQueue() + ":" + state.targetBegin() + "-" + state.targetEnd(),
                    verdicts.get(i)));
        }
        int[] widths = new int[HEAD.size()];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                boolean text = i < 2 || i == widths.length - 1;
                line.append(String.format(
                                Locale.ROOT,
                                text ? "%-" + width(widths[i]) + "s" : "%" + width(widths[i]) + "s",
                                row.get(i)))
                        .append("  ");
            }
            out.accept(line.toString().stripTrailing());
        }
    }

    private static int width(int width) {
        return Math.max(1, width);
    }
}
