package dev.tally.transport.pulsar;

import dev.tally.transport.TransportException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What Pulsar's administration says of a group's subscription to a topic, and how it moves it. All of it blocks, and throws a
 * {@link TransportException} if the administration cannot be asked or refuses; except where it answers a future. Thread-safe.
 */
final class SubscriptionAdmin {

    /** What a consumer says of itself, so that members are told from other consumers. */
    private static final String MEMBER = "tally-member";

    private final AdminHttp http;
    private final String topic;
    private final String group;

    /** @param topic its full name */
    SubscriptionAdmin(AdminHttp http, String topic, String group) {
        this.http = http;
        this.topic = "/admin/v2/persistent/" + path(topic.substring(TopicNames.PERSISTENT.length()));
        this.group = group;
    }

    /** @param path where it is */
    record Partition(int number, String path) {

        String queue() {
            return Integer.toString(number);
        }
    }

    /**
     * What waits, and for whom.
     *
     * @param backlog entries that the group has not acknowledged; empty where the partition does not know it
     * @param oldest when the first of them was sent
     * @param messages since the broker has loaded the partition
     * @param members consumers that are connected
     */
    record Backlog(OptionalLong backlog, @Nullable Instant oldest, long messages, List<Member> members) {}

    /**
     * A consumer of a member.
     *
     * @param id other than that of all others
     * @param move the last move when it subscribed, empty where there was none
     */
    record Member(String id, String move) {

        /** What the consumer says of itself. */
        Map<String, String> properties() {
            return move.isEmpty() ? Map.of(MEMBER, id) : Map.of(MEMBER, id, MoveMark.PROPERTY, move);
        }
    }

    List<Partition> partitions() {
        int partitions =
                json(http.get(topic + "/partitions")).path("partitions").asInt();
        return partitions == 0
                ? List.of(new Partition(0, topic))
                : IntStream.range(0, partitions)
                        .mapToObj(number -> new Partition(number, topic + "-partition-" + number))
                        .toList();
    }

    Ledgers ledgers(Partition partition) {
        return Ledgers.of(
                json(http.get(partition.path() + "/internalStats")), URLEncoder.encode(group, StandardCharsets.UTF_8));
    }

    Backlog backlog(Partition partition, boolean withTimes) {
        JsonNode statistics = json(http.get(partition.path()
                + "/stats?getPreciseBacklog=true&subscriptionBacklogSize=false&excludePublishers=true"
                + "&getEarliestTimeInBacklog=" + withTimes));
        JsonNode own = statistics.path("subscriptions").path(group);
        long oldest = own.path("earliestMsgPublishTimeInBacklog").asLong(0);
        List<Member> members = new ArrayList<>();
        for (JsonNode consumer : own.path("consumers")) {
            JsonNode says = consumer.path("metadata");
            String member = says.path(MEMBER).asString("");
            if (!member.isEmpty()) {
                members.add(new Member(member, says.path(MoveMark.PROPERTY).asString("")));
            }
        }
        return new Backlog(
                own.isMissingNode()
                        ? OptionalLong.empty()
                        : OptionalLong.of(own.path("msgBacklog").asLong()),
                oldest <= 0 ? null : Instant.ofEpochMilli(oldest),
                statistics.path("msgInCounter").asLong(),
                members);
    }

    /** The position of the first entry that was sent at a time or later; any behind the last one where there is none. */
    long positionAt(Partition partition, Instant time) {
        JsonNode found = json(http.get(partition.path() + "/messageid/" + Math.max(0, time.toEpochMilli())));
        return EntryPosition.of(
                found.path("ledgerId").asLong(), found.path("entryId").asLong());
    }

    /** When the first message of an entry was sent; {@code null} where the broker does not say it. */
    @Nullable Instant timeOf(Partition partition, long position) {
        String entry = partition.path() + "/ledger/" + EntryPosition.ledger(position) + "/entry/"
                + EntryPosition.entry(position);
        String sent = answer(http.get(entry))
                .headers()
                .firstValue("X-Pulsar-publish-time")
                .orElse("");
        try {
            return sent.isEmpty() ? null : Instant.parse(sent);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** How many messages there are from a position on; the broker reads them. Empty where it finds them too many. */
    OptionalLong messagesFrom(Partition partition, long position) {
        JsonNode found =
                json(http.send("POST", partition.path() + subscription() + "/analyzeBacklog", entry(position)));
        return found.path("aborted").asBoolean()
                ? OptionalLong.empty()
                : OptionalLong.of(found.path("messages").asLong());
    }

    /**
     * Moves the group to a position, or to the next entry where there is none. All consumers lose their connection, and
     * connect again.
     */
    void reset(Partition partition, long position) {
        var unused = answer(http.send("POST", partition.path() + subscription() + "/resetcursor", entry(position)));
    }

    /** The last move of the group; fails with a {@link TransportException}. */
    CompletableFuture<MoveMark> mark() {
        return properties().thenApply(properties -> MoveMark.of(properties.getOrDefault(MoveMark.PROPERTY, "")));
    }

    /** Replaces it, at all partitions. */
    void mark(MoveMark mark) {
        Map<String, String> properties = new LinkedHashMap<>(answer(properties()));
        properties.put(MoveMark.PROPERTY, mark.text());
        var unused = answer(http.send("PUT", topic + subscription() + "/properties", properties));
    }

    private CompletableFuture<Map<String, String>> properties() {
        return http.get(topic + subscription() + "/properties")
                .thenApply(answer -> {
                    Map<String, String> properties = new LinkedHashMap<>();
                    http.read(answer)
                            .properties()
                            .forEach(each -> properties.put(
                                    each.getKey(), each.getValue().asString()));
                    return properties;
                })
                .exceptionallyCompose(failure ->
                        SendFailures.unwrapped(failure) instanceof AdminRefusal refusal && refusal.isMissing()
                                ? CompletableFuture.completedFuture(Map.of())
                                : CompletableFuture.failedFuture(failure));
    }

    private String subscription() {
        return "/subscription/" + path(group);
    }

    private static Map<String, Long> entry(long position) {
        return Map.of("ledgerId", EntryPosition.ledger(position), "entryId", EntryPosition.entry(position));
    }

    private JsonNode json(CompletableFuture<HttpResponse<String>> asked) {
        return http.read(answer(asked));
    }

    private static <T> T answer(CompletableFuture<T> asked) {
        try {
            return asked.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof TransportException known
                    ? known
                    : new TransportException(SendFailures.reason(SendFailures.unwrapped(e)), e);
        }
    }

    /** Each part is written so that it has no slash, question mark or space. */
    private static String path(String names) {
        return Arrays.stream(names.split("/", -1))
                .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
    }
}
