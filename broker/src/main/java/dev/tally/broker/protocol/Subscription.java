package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a group wants of a topic.
 *
 * @param topic the topic
 * @param expression the filter
 * @param expressionType TAG or SQL92
 * @param version grows with each change
 * @since 0.1
 */
public record Subscription(String topic, String expression, String expressionType, long version) {

    private static final String TAG = "TAG";
    private static final String WHAT = "subscription";

    /** A subscription as a pull carries it: an absent expression takes everything, an absent type is TAG. */
    public static Subscription of(
            String topic, @Nullable String expression, @Nullable String expressionType, long version) {
        return new Subscription(
                topic,
                expression == null || expression.isBlank() ? "*" : expression,
                expressionType == null || expressionType.isEmpty() ? TAG : expressionType,
                version);
    }

    /** Reads the body of a client's question whether its filter is understood; {@code null} where it names none. */
    public static @Nullable Subscription fromCheck(ByteBuffer body) {
        JsonNode node = JsonBody.readObject(body, "client check").path("subscriptionData");
        return node.isObject() ? from(node) : null;
    }

    static Subscription from(JsonNode node) {
        return of(
                JsonBody.requiredText(node, "topic", WHAT),
                node.path("subString").asString("*"),
                node.path("expressionType").asString(TAG),
                node.path("subVersion").asLong(0));
    }

    /** Whether it filters by tags. */
    public boolean byTag() {
        return TAG.equals(expressionType);
    }
}
