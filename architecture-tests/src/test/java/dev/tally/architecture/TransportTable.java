package dev.tally.architecture;

import dev.tally.testkit.TransportFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** Makes the table of transports of what their contract suites have shown at real brokers, see {@link TransportFeature}. */
final class TransportTable {

    static final String BEGIN = "<!-- transports: generated from the results of their contract suites -->";
    static final String END = "<!-- end of transports -->";

    /** How the brokers' names begin, in the table's order. */
    static final List<String> BROKERS = List.of(
            "Tally's broker",
            "RocketMQ",
            "Kafka",
            "RabbitMQ",
            "ActiveMQ Artemis",
            "ActiveMQ Classic",
            "Redis",
            "Pulsar");

    private final Map<String, Map<TransportFeature, Boolean>> byBroker = new TreeMap<>(order());

    private static Comparator<String> order() {
        return Comparator.comparingInt(TransportTable::place).thenComparing(Comparator.naturalOrder());
    }

    private static int place(String broker) {
        for (int i = 0; i < BROKERS.size(); i++) {
            if (broker.startsWith(BROKERS.get(i))) {
                return i;
            }
        }
        throw new IllegalStateException("Cannot place broker '" + broker + "' in the table, it has " + BROKERS);
    }

    /** Reads the results of all transports' last test runs. */
    static TransportTable read(Path root) throws IOException {
        TransportTable table = new TransportTable();
        try (Stream<Path> files = Files.find(
                root.resolve("transports"),
                5,
                (path, attributes) -> path.getParent().endsWith("transport-features")
                        && path.toString().endsWith(".csv"))) {
            files.forEach(table::add);
        }
        return table;
    }

    private void add(Path file) {
        try {
            for (String line : Files.readAllLines(file)) {
                String[] fields = line.split(",", -1);
                TransportFeature feature = TransportFeature.valueOf(fields[1]);
                byBroker.computeIfAbsent(fields[0], broker -> new EnumMap<>(TransportFeature.class))
                        .merge(feature, fields[2].equals("yes"), Boolean::logicalAnd);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    /** The brokers of which there are no results, or not all of them; half messages are shown only where there are any. */
    List<String> missing() {
        return BROKERS.stream()
                .filter(name -> byBroker.entrySet().stream()
                        .noneMatch(each -> each.getKey().startsWith(name)
                                && each.getValue().size() >= TransportFeature.values().length - 1))
                .toList();
    }

    /** The table, in Markdown. */
    String generate(String corner, Function<TransportFeature, String> title) {
        StringBuilder table = new StringBuilder(BEGIN).append('\n');
        table.append("| ").append(corner);
        byBroker.keySet().forEach(broker -> table.append(" | ").append(broker));
        table.append(" |\n|---").append("|:-:".repeat(byBroker.size())).append("|\n");
        for (TransportFeature feature : TransportFeature.values()) {
            table.append("| ").append(title.apply(feature));
            byBroker.values()
                    .forEach(features -> table.append(features.getOrDefault(feature, false) ? " | ✓" : " | –"));
            table.append(" |\n");
        }
        return table.append(END).toString();
    }

    /** {@code page} with its table replaced. */
    static String replace(String page, String table) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalStateException("The page has no table between '" + BEGIN + "' and '" + END + "'");
        }
        return page.substring(0, begin) + table + page.substring(end + END.length());
    }

    static String chinese(TransportFeature feature) {
        Map<TransportFeature, String> titles = new LinkedHashMap<>();
        titles.put(TransportFeature.MESSAGES_UNCHANGED, "消息头、键和类型原样到达");
        titles.put(TransportFeature.HALF_MESSAGES, "半消息");
        titles.put(TransportFeature.KEY_ORDER, "同一键的顺序");
        titles.put(TransportFeature.KEY_ORDER_UNDER_REBALANCE, "……成员加入、离开时仍然有序");
        titles.put(TransportFeature.KEYS_APART, "失败的消息只挡住自己的键");
        titles.put(TransportFeature.TAGS, "标签");
        titles.put(TransportFeature.HISTORY, "新的消费组从主题的第一条消息开始");
        titles.put(TransportFeature.BROADCAST, "广播");
        titles.put(TransportFeature.DELAY, "由 broker 延迟（其余由 outbox 延迟）");
        titles.put(TransportFeature.DEAD_LETTERS, "重试，然后进入死信");
        titles.put(TransportFeature.DEAD_LETTERS_IN_ORDER, "……顺序消费时");
        titles.put(TransportFeature.DELIVERY_COUNT, "投递次数由 broker 记录");
        titles.put(TransportFeature.REPLAY, "按时间重放");
        titles.put(TransportFeature.FOREIGN_MESSAGES, "外来消息有不变的 id");
        titles.put(TransportFeature.MALFORMED_MESSAGES, "畸形消息不阻塞任何消息");
        titles.put(TransportFeature.LIMITS, "发布时即告知限制");
        titles.put(TransportFeature.BROKER_KILLED, "负载下杀死 broker：已确认的一条不丢");
        return titles.getOrDefault(feature, feature.title());
    }
}
