package dev.tally.broker.net;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.RequestCode;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/** Requests as clients send them, each of them a good one, to be spoilt. */
final class Requests {

    private static final String HEARTBEAT =
            "{\"clientID\":\"c1\",\"producerDataSet\":[{\"groupName\":\"p\"}],\"consumerDataSet\":[{\"groupName\":\"g\","
                    + "\"messageModel\":\"CLUSTERING\",\"subscriptionDataSet\":[{\"topic\":\"t\",\"subString\":\"*\",\"subVersion\":1}]}]}";
    private static final String LOCK =
            "{\"consumerGroup\":\"g\",\"clientId\":\"c1\",\"mqSet\":[{\"topic\":\"t\",\"brokerName\":\"tally\",\"queueId\":0}]}";
    private static final String GROUP =
            "{\"groupName\":\"g\",\"consumeEnable\":true,\"retryQueueNums\":1,\"retryMaxTimes\":3}";
    private static final String TOPIC =
            "{\"topicName\":\"t1\",\"readQueueNums\":2,\"writeQueueNums\":2,\"perm\":6,\"attributes\":{}}";
    private static final String BATCH_ACK = "{\"brokerName\":\"tally\",\"acks\":[{\"c\":\"g\",\"t\":\"t\",\"r\":\"0\","
            + "\"so\":0,\"q\":0,\"rq\":0,\"pt\":1000,\"it\":60000,\"b\":\"Bw==\"}]}";
    private static final List<String> BODIES = List.of(
            "",
            HEARTBEAT,
            LOCK,
            GROUP,
            BATCH_ACK,
            "{\"groupConfigList\":[" + GROUP + "]}",
            "{\"topicConfigList\":[" + TOPIC + "]}",
            "{\"clientId\":\"c1\",\"group\":\"g\",\"subscriptionData\":{\"topic\":\"t\",\"subString\":\"a > 1\",\"expressionType\":\"SQL92\"}}",
            "{\"consumerGroup\":\"g\",\"topic\":\"t\",\"clientId\":\"c1\",\"messageModel\":\"CLUSTERING\",\"strategyName\":\"AVG\"}",
            "{\"consumerGroup\":\"g\",\"topic\":\"t\",\"mode\":\"POP\",\"popShareQueueNum\":0}",
            "brokerPermission=6\nautoCreateTopicEnable=true\n");
    private static final Map<Integer, String> BODY_OF = Map.of(
            RequestCode.HEART_BEAT,
            HEARTBEAT,
            RequestCode.LOCK_BATCH_QUEUES,
            LOCK,
            RequestCode.UNLOCK_BATCH_QUEUES,
            LOCK,
            RequestCode.UPDATE_AND_CREATE_SUBSCRIPTION_GROUP,
            GROUP,
            RequestCode.BATCH_ACK_MESSAGE,
            BATCH_ACK,
            RequestCode.UPDATE_AND_CREATE_SUBSCRIPTION_GROUP_LIST,
            BODIES.get(5),
            RequestCode.UPDATE_AND_CREATE_TOPIC_LIST,
            BODIES.get(6),
            RequestCode.CHECK_CLIENT_CONFIG,
            BODIES.get(7),
            RequestCode.QUERY_ASSIGNMENT,
            BODIES.get(8),
            RequestCode.SET_MESSAGE_REQUEST_MODE,
            BODIES.get(9));

    /** Every request code that the broker has a name for. */
    static final List<Integer> CODES = Arrays.stream(RequestCode.class.getFields())
            .filter(field -> field.getType() == int.class)
            .map(Requests::value)
            .sorted()
            .toList();

    private Requests() {}

    private static int value(Field field) {
        try {
            return field.getInt(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    static Command any(Random random) {
        HeaderForm form = random.nextBoolean() ? HeaderForm.JSON : HeaderForm.BINARY;
        return switch (random.nextInt(12)) {
            case 0, 1 -> WireHarness.sendCommand(form, "t", new byte[1 + random.nextInt(60)]);
            case 2 -> command(form, RequestCode.HEART_BEAT, HEARTBEAT, Fields.none());
            case 3 -> batch(form, random);
            case 4 -> half(form);
            case 5 -> of(RequestCode.POP_MESSAGE, form, random);
            default -> of(CODES.get(random.nextInt(CODES.size())), form, random);
        };
    }

    /** A request of that code with whatever fields and body any request of its kind may have. */
    static Command of(int code, HeaderForm form, Random random) {
        return command(form, code, BODY_OF.getOrDefault(code, ""), fields(random));
    }

    /** The same request, but something of it is what no client would say. */
    static Command spoilt(Command request, Random random) {
        List<Object> pairs = new ArrayList<>();
        request.fields().asMap().forEach((name, value) -> {
            pairs.add(name);
            pairs.add(value);
        });
        for (int i = 1 + random.nextInt(3); i > 0 && !pairs.isEmpty(); i--) {
            int at = 2 * random.nextInt(pairs.size() / 2);
            switch (random.nextInt(4)) {
                case 0 -> {
                    pairs.remove(at);
                    pairs.remove(at);
                }
                case 1 -> {
                    // Twice, with another value.
                    pairs.add(pairs.get(at));
                    pairs.add(Extremes.any(random));
                }
                default -> pairs.set(at + 1, Extremes.any(random));
            }
        }
        ByteBuffer body = request.body();
        if (random.nextInt(3) == 0) {
            String other = BODIES.get(random.nextInt(BODIES.size()));
            body = ByteBuffer.wrap(WireHarness.text(random.nextBoolean() ? other : Extremes.spoil(other, random)));
        }
        int flag = random.nextInt(16) == 0 ? 2 : 0;
        return new Command(request.form(), request.code(), 0, 513, 9, flag, null, Fields.of(pairs.toArray()), body);
    }

    private static Fields fields(Random random) {
        List<Object> all = new ArrayList<>(List.of(QUEUE.apply(random)));
        all.addAll(List.of(OTHER.apply(random)));
        all.addAll(List.of(POP.apply(random)));
        return Fields.of(all.toArray());
    }

    private static Command command(HeaderForm form, int code, String body, Fields fields) {
        return new Command(form, code, 0, 513, 9, 0, null, fields, ByteBuffer.wrap(WireHarness.text(body)));
    }

    private static final Function<Random, Object[]> QUEUE = random -> new Object[] {
        "consumerGroup",
        "g",
        "topic",
        "t" + (random.nextInt(3) == 0 ? random.nextInt(3) : ""),
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
        5
    };

    private static final Function<Random, Object[]> OTHER = random -> new Object[] {
        "group",
        "g",
        "groupName",
        "g",
        "clientID",
        "c1",
        "clientId",
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
        random.nextInt(3) - 1,
        "key",
        "order-4711",
        "maxNum",
        8,
        "beginTimestamp",
        0,
        "endTimestamp",
        Long.MAX_VALUE,
        "namespace",
        "n",
        "value",
        "v",
        "index",
        random.nextInt(4),
        "count",
        10,
        "cluster",
        "cluster",
        "brokerName",
        "tally",
        "srcGroup",
        "g",
        "destGroup",
        "g2",
        "isForce",
        true,
        "msgId",
        "7F00000100002694" + "%016X".formatted(random.nextInt(10_000)),
        "statsName",
        "TOPIC_PUT_NUMS",
        "statsKey",
        "t"
    };

    private static final Function<Random, Object[]> POP = random -> new Object[] {
        "invisibleTime",
        60_000,
        "pollTime",
        random.nextInt(2) * 1_000,
        "initMode",
        random.nextInt(2),
        "exp",
        random.nextBoolean() ? "*" : "a > 1",
        "expType",
        random.nextBoolean() ? "TAG" : "SQL92",
        "order",
        random.nextInt(4) == 0,
        "attemptId",
        "a" + random.nextInt(2),
        "extraInfo",
        "0 1000 60000 " + random.nextInt(2) * 999 + " 0 tally 0 " + random.nextInt(3)
    };

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
