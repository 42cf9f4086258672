package dev.tally.broker.console;

import dev.tally.broker.client.ClientFacts;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Subscription;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Clients as the protocol's bodies have them. */
final class ClientJson {

    private static final List<String> LANGUAGES = List.of(
            "JAVA", "CPP", "DOTNET", "PYTHON", "DELPHI", "ERLANG", "RUBY", "OTHER", "HTTP", "GO", "PHP", "OMS", "RUST",
            "NODE_JS");

    private ClientJson() {}

    static Map<String, Object> of(Subscription subscription) {
        List<String> tags = subscription.byTag() && !subscription.expression().equals("*")
                ? Stream.of(subscription.expression().split("\\|\\|", -1))
                        .map(String::strip)
                        .filter(tag -> !tag.isEmpty())
                        .distinct()
                        .toList()
                : List.of();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("classFilterMode", false);
        json.put("codeSet", tags.stream().map(String::hashCode).distinct().toList());
        json.put("expressionType", subscription.expressionType());
        json.put("subString", subscription.expression());
        json.put("subVersion", subscription.version());
        json.put("tagsSet", tags);
        json.put("topic", subscription.topic());
        return json;
    }

    static Map<String, Object> of(Connection connection, String clientId, ClientFacts.@Nullable Facts facts) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("clientAddr", address(connection));
        json.put("clientId", clientId);
        json.put("language", language(facts));
        json.put("version", facts == null ? 0 : facts.version());
        return json;
    }

    static String address(Connection connection) {
        InetSocketAddress address = connection.remoteAddress();
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    static String language(ClientFacts.@Nullable Facts facts) {
        int code = facts == null ? 0 : facts.language();
        return code >= 0 && code < LANGUAGES.size() ? LANGUAGES.get(code) : "OTHER";
    }
}
