package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Where a topic's queues are: on this one broker.
 *
 * @param brokerName the broker's name
 * @param cluster the cluster's name
 * @param address host and port that clients can reach
 * @param readQueues queues that consumers see
 * @param writeQueues queues that producers see
 * @param perm 4 read, 2 write, 1 inherit
 * @param sysFlag the topic's system flag
 * @since 0.1
 */
public record TopicRoute(
        String brokerName, String cluster, String address, int readQueues, int writeQueues, int perm, int sysFlag) {

    /** The answer's body. */
    public ByteBuffer toBody() {
        return JsonBody.write(Map.of(
                "brokerDatas",
                List.of(brokerData(brokerName, cluster, address)),
                "filterServerTable",
                Map.of(),
                "queueDatas",
                List.of(Map.of(
                        "brokerName",
                        brokerName,
                        "perm",
                        perm,
                        "readQueueNums",
                        readQueues,
                        "topicSysFlag",
                        sysFlag,
                        "writeQueueNums",
                        writeQueues))));
    }

    /** The body of the answer to a question about the cluster. */
    public static ByteBuffer clusterBody(String brokerName, String cluster, String address) {
        return JsonBody.write(Map.of(
                "brokerAddrTable",
                Map.of(brokerName, brokerData(brokerName, cluster, address)),
                "clusterAddrTable",
                Map.of(cluster, List.of(brokerName))));
    }

    private static Map<String, Object> brokerData(String brokerName, String cluster, String address) {
        return Map.of("brokerAddrs", Map.of("0", address), "brokerName", brokerName, "cluster", cluster);
    }
}
