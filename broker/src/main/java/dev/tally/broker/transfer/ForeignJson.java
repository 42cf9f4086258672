package dev.tally.broker.transfer;

import dev.tally.broker.protocol.Command;
import java.io.IOException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Bodies as RocketMQ's brokers write them: their JSON has numbers for names, without quotes. */
final class ForeignJson {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES)
            .build();

    private ForeignJson() {}

    static JsonNode read(Command answer, String what) throws IOException {
        byte[] bytes = new byte[answer.body().remaining()];
        answer.body().duplicate().get(bytes);
        try {
            JsonNode node = JSON.readTree(bytes);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (JacksonException e) {
            throw new CopyFailedException("The answer about " + what + " is no JSON", e);
        }
        throw new CopyFailedException("The answer about " + what + " is no JSON object");
    }
}
