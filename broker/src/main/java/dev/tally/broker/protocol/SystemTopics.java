package dev.tally.broker.protocol;

import java.util.List;

/** Names of topics that have a meaning in the protocol; the same as RocketMQ's ({@code TopicValidator} of 5.5.0). */
public final class SystemTopics {

    /** The topic whose route tells a producer that it may send to a topic that does not exist yet. */
    public static final String TEMPLATE = "TBW102";

    /** Where the clients' trace hooks send to. */
    public static final String TRACE = "RMQ_SYS_TRACE_TOPIC";

    /** Where RocketMQ keeps delayed messages, a queue for each level. */
    public static final String SCHEDULE = "SCHEDULE_TOPIC_XXXX";

    /** Where RocketMQ keeps half messages. */
    public static final String HALF = "RMQ_SYS_TRANS_HALF_TOPIC";

    /** Where RocketMQ keeps their decisions. */
    public static final String HALF_DECISIONS = "RMQ_SYS_TRANS_OP_HALF_TOPIC";

    /** Where RocketMQ puts half messages whose checks are used up. */
    public static final String PARKED = "TRANS_CHECK_MAX_TIME_TOPIC";

    /** What other topics of RocketMQ's own begin with. */
    public static final String PREFIX = "RMQ_SYS_";

    /** What the topics end with that replies go to; a cluster's name comes before it. */
    public static final String REPLY_SUFFIX = "_REPLY_TOPIC";

    private static final String SELF_TEST = "SELF_TEST_TOPIC";
    private static final String OFFSET_MOVED = "OFFSET_MOVED_EVENT";

    /** Those that belong to the broker and lack the prefix. */
    public static final List<String> WITHOUT_PREFIX =
            List.of(TEMPLATE, SCHEDULE, SELF_TEST, "BenchmarkTest", OFFSET_MOVED, PARKED);

    /** Those that take no message from a producer. */
    public static final List<String> CLOSED_TO_PRODUCERS =
            List.of(SCHEDULE, HALF, HALF_DECISIONS, PARKED, SELF_TEST, OFFSET_MOVED);

    private SystemTopics() {}
}
