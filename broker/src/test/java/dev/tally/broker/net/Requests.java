package dev.tally.broker.net;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.RequestCode;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/** Requests as clients send them, each of them a good one, to be spoilt. */
final class Requests {

    private static final String HEARTBEAT =
            "{\"clientID\":\"c1\",\"producerDataSet\":[{\"groupName\":\"p\"}],\"consumerDataSet\":[{\"groupName\":\"g\","
                    + "\"messageModel\":\"CLUSTERING\",\"subscriptionDataSet\":[{\"topic\":\"t\",\"subString\":\"*\",\"subVersion\":1}]}]}";
    private static final String LOCK =
            "{\"consumerGroup\":\"g\",\"clientId\":\"c1\",\"mqSet\":[{\"topic\":\"t\",\"brokerName\":\"tally\",\"queueId\":0}]}";
    private static final List<Integer> QUEUE_CODES = List.of(
            RequestCode.PULL_MESSAGE,
            RequestCode.LITE_PULL_MESSAGE,
            RequestCode.QUERY_CONSUMER_OFFSET,
            RequestCode.UPDATE_CONSUMER_OFFSET,
            RequestCode.SEARCH_OFFSET_BY_TIMESTAMP,
            RequestCode.GET_MAX_OFFSET,
            RequestCode.GET_MIN_OFFSET,
            RequestCode.GET_EARLIEST_MESSAGE_STORE_TIME);
    private static final List<Integer> OTHER_CODES = List.of(
            RequestCode.GET_ROUTE_BY_TOPIC,
            RequestCode.GET_BROKER_CLUSTER_INFO,
            RequestCode.GET_ALL_TOPICS_FROM_NAME_SERVER,
            RequestCode.GET_TOPIC_CONFIG,
            RequestCode.UPDATE_AND_CREATE_TOPIC,
            RequestCode.DELETE_TOPIC_IN_BROKER,
            RequestCode.DELETE_TOPIC_IN_NAME_SERVER,
            RequestCode.DELETE_SUBSCRIPTION_GROUP,
            RequestCode.UNREGISTER_CLIENT,
            RequestCode.GET_CONSUMER_LIST_BY_GROUP,
            RequestCode.CONSUMER_SEND_MESSAGE_BACK,
            RequestCode.END_TRANSACTION,
            RequestCode.VIEW_MESSAGE_BY_ID);

    private Requests() {}

    static Command any(Random random) {
        HeaderForm form = random.nextBoolean() ? HeaderForm.JSON : HeaderForm.BINARY;
        return switch (random.nextInt(8)) {
            case 0, 1 -> WireHarness.sendCommand(form, "t", new byte[1 + random.nextInt(60)]);
            case 2 -> command(form, RequestCode.HEART_BEAT, HEARTBEAT, Fields.none());
            case 3 ->
                command(
                        form,
                        random.nextBoolean() ? RequestCode.LOCK_BATCH_QUEUES : RequestCode.UNLOCK_BATCH_QUEUES,
                        LOCK,
                        Fields.none());
            case 4 -> batch(form, random);
            case 5 -> command(form, QUEUE_CODES.get(random.nextInt(QUEUE_CODES.size())), "", queueFields(random));
            case 6 -> command(form, OTHER_CODES.get(random.nextInt(OTHER_CODES.size())), "", otherFields(random));
            default -> half(form);
        };
    }

    private static Command command(HeaderForm form, int code, String body, Fields fields) {
        return new Command(form, code, 0, 513, 9, 0, null, fields, ByteBuffer.wrap(WireHarness.text(body)));
    }

    private static Fields queueFields(Random random) {
        return Fields.of(
                "consumerGroup",
                "g",
                "topic",
                "t",
                "queueId",
                random.nextInt(3),
                "queueOffset",
                random.nextInt(4),
                "maxMsgNums",
                8,
                "sysFlag",
                random.nextInt(8),
                "commitOffset",
                random.nextInt(3),
                "suspendTimeoutMillis",
                60_000,
                "subscription",
                "*",
                "timestamp",
                5);
    }

    private static Fields otherFields(Random random) {
        return Fields.of(
                "topic",
                "t" + random.nextInt(3),
                "group",
                "g",
                "groupName",
                "g",
                "consumerGroup",
                "g",
                "clientID",
                "c1",
                "producerGroup",
                "p",
                "offset",
                random.nextInt(10_000),
                "commitLogOffset",
                random.nextInt(10_000),
                "commitOrRollback",
                random.nextInt(4) * 4,
                "readQueueNums",
                2,
                "writeQueueNums",
                2,
                "perm",
                6,
                "delayLevel",
                random.nextInt(3) - 1);
    }

    private static Command half(HeaderForm form) {
        Fields fields = Fields.of(
                "producerGroup",
                "p",
                "topic",
                "t",
                "defaultTopicQueueNums",
                4,
                "queueId",
                0,
                "sysFlag",
                4,
                "bornTimestamp",
                1,
                "flag",
                0,
                "properties",
                "TRAN_MSG\u0001true\u0002PGROUP\u0001p\u0002UNIQ_KEY\u0001u\u0002");
        return command(form, RequestCode.SEND_MESSAGE, "half", fields);
    }

    private static Command batch(HeaderForm form, Random random) {
        ByteBuffer body = ByteBuffer.allocate(1024);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            byte[] properties = WireHarness.text("TAGS\u0001x\u0002");
            body.putInt(22 + 5 + properties.length).putInt(0).putInt(0).putInt(0);
            body.putInt(5).put(new byte[5]).putShort((short) properties.length).put(properties);
        }
        byte[] bytes = new byte[body.position()];
        body.flip().get(bytes);
        Fields fields = Fields.of("a", "p", "b", "t", "c", "TBW102", "d", 4, "e", 0, "f", 0, "g", 1, "h", 0, "m", true);
        return new Command(form, RequestCode.SEND_BATCH_MESSAGE, 0, 513, 9, 0, null, fields, ByteBuffer.wrap(bytes));
    }
}
