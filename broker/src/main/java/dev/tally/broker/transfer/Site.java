package dev.tally.broker.transfer;

import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.RequestCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** The name server of one side, and the masters that it knows. */
final class Site {

    private final Link link;

    Site(Link link) {
        this.link = link;
    }

    String nameServer() {
        return link.nameServer();
    }

    /** The masters by their names. */
    Map<String, Node> masters() throws IOException {
        JsonNode json = ForeignJson.read(
                link.ask(
                        "The question for the brokers",
                        link.nameServer(),
                        RequestCode.GET_BROKER_CLUSTER_INFO,
                        Fields.none()),
                "the cluster");
        Map<String, Node> masters = new TreeMap<>();
        json.path("brokerAddrTable").properties().forEach(broker -> {
            String address = broker.getValue().path("brokerAddrs").path("0").asString("");
            if (!address.isEmpty()) {
                masters.put(broker.getKey(), new Node(link, broker.getKey(), address));
            }
        });
        return masters;
    }

    /** The names of clusters and brokers: name servers list them like topics. */
    Set<String> ownNames() throws IOException {
        JsonNode json = ForeignJson.read(
                link.ask(
                        "The question for the clusters",
                        link.nameServer(),
                        RequestCode.GET_BROKER_CLUSTER_INFO,
                        Fields.none()),
                "the cluster");
        Set<String> names = new TreeSet<>();
        json.path("clusterAddrTable").properties().forEach(cluster -> names.add(cluster.getKey()));
        json.path("brokerAddrTable").properties().forEach(broker -> names.add(broker.getKey()));
        return names;
    }

    /** All topics that exist. Asked instead of a route, because asking for a route may create a topic. */
    Collection<String> topics() throws IOException {
        JsonNode json = ForeignJson.read(
                link.ask(
                        "The question for the topics",
                        link.nameServer(),
                        RequestCode.GET_ALL_TOPICS_FROM_NAME_SERVER,
                        Fields.none()),
                "the topics");
        List<String> topics = new ArrayList<>();
        json.path("topicList").forEach(topic -> topics.add(topic.asString("")));
        return topics;
    }
}
