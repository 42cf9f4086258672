package dev.tally.transport.pulsar;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.TypedMessageBuilder;

/** Stands in for Pulsar's client where a test says what it answers. */
final class ScriptedPulsar {

    /** What was sent, by its id, in order. */
    final List<String> sent = new ArrayList<>();

    /** What the producer answers to each of them, by its id; a new future where nothing is said. */
    final Map<String, CompletableFuture<MessageId>> answers = new HashMap<>();

    /** How often the producer was closed. */
    int closed;

    /** A producer. */
    @SuppressWarnings("unchecked")
    Producer<byte[]> producer() {
        return (Producer<byte[]>) proxy(Producer.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "newMessage" -> newMessage();
            case "closeAsync" -> {
                closed++;
                yield CompletableFuture.completedFuture(null);
            }
            default -> objects(proxy, method.getName(), arguments);
        });
    }

    private Object newMessage() {
        Map<String, String> properties = new HashMap<>();
        return proxy(TypedMessageBuilder.class, (proxy, method, arguments) -> {
            switch (method.getName()) {
                case "property" -> properties.put((String) arguments[0], (String) arguments[1]);
                case "sendAsync" -> {
                    String id = properties.get("tally-id");
                    sent.add(id);
                    return answers.computeIfAbsent(id, key -> new CompletableFuture<>());
                }
                default -> {}
            }
            return proxy;
        });
    }

    /** A message as the client hands it over. */
    @SuppressWarnings("unchecked")
    static org.apache.pulsar.client.api.Message<byte[]> message(
            MessageId id, String key, Map<String, String> properties, byte[] payload) {
        return (org.apache.pulsar.client.api.Message<byte[]>) proxy(
                org.apache.pulsar.client.api.Message.class, (proxy, method, arguments) -> switch (method.getName()) {
                    case "getMessageId" -> id;
                    case "getTopicName" -> "persistent://public/default/orders";
                    case "getProperties" -> properties;
                    case "getProperty" -> properties.get(arguments[0]);
                    case "hasKey" -> key != null;
                    case "getKey" -> key;
                    case "getData" -> payload;
                    default -> objects(proxy, method.getName(), arguments);
                });
    }

    private static Object objects(Object proxy, String method, Object[] arguments) {
        return switch (method) {
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            case "toString" -> "scripted";
            default -> throw new UnsupportedOperationException(method);
        };
    }

    private static Object proxy(Class<?> type, InvocationHandler handler) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
    }
}
