package dev.tally.transport.redis;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The names of keys. What belongs to one partition has one hash tag, so that Redis Cluster keeps it at one node and a
 * script may use all of it; partitions are at different ones. Immutable.
 *
 * <pre>
 * {prefix}{orders}:topic                 hash: partitions
 * {prefix}{orders:0}                     stream of partition 0
 * {prefix}{orders:0}:lease:{group}       who has partition 0 in a group
 * {prefix}{orders}:members:{group}       sorted set: the members of a group, by when they are forgotten
 * </pre>
 */
final class RedisKeys {

    private final String prefix;

    RedisKeys(String prefix) {
        this.prefix = prefix;
    }

    byte[] topic(String topic) {
        return bytes(prefix + '{' + topic + "}:topic");
    }

    byte[] members(String topic, String group) {
        return bytes(prefix + '{' + topic + "}:members:" + group);
    }

    byte[] stream(String topic, int partition) {
        return bytes(prefix + '{' + topic + ':' + partition + '}');
    }

    byte[] lease(String topic, int partition, String group) {
        return bytes(prefix + '{' + topic + ':' + partition + "}:lease:" + group);
    }

    /** The topic of what a group could not handle. */
    static String deadLetters(String topic, String group) {
        return topic + ':' + group + ":dead";
    }

    static boolean isDeadLetters(String topic) {
        return topic.endsWith(":dead");
    }

    /** What is wrong with a topic's name, empty for nothing: a brace would move the hash tag. */
    static Optional<String> wrongTopic(String topic) {
        return topic.indexOf('{') < 0 && topic.indexOf('}') < 0
                ? Optional.empty()
                : Optional.of("the topic's name '" + topic + "' has a brace, which Redis Cluster gives a meaning");
    }

    /** Where the messages of a key are: CRC-32 of its UTF-8 bytes, which every language has, modulo the partitions. */
    static int partitionOf(String key, int partitions) {
        CRC32 crc = new CRC32();
        crc.update(bytes(key));
        return (int) (crc.getValue() % partitions);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
