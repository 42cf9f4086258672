package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** A client's connection whose broker says nothing by itself: it has every exchange, and counts what is published. */
final class ScriptedConnection {

    private final AtomicBoolean refuses = new AtomicBoolean();

    Link link() {
        Connection client = proxy(
                Connection.class,
                (self, method, arguments) -> method.getName().equals("createChannel") ? channel() : null);
        org.springframework.amqp.rabbit.connection.Connection connection = proxy(
                org.springframework.amqp.rabbit.connection.Connection.class,
                (self, method, arguments) -> switch (method.getName()) {
                    case "getDelegate" -> client;
                    case "isOpen" -> true;
                    default -> null;
                });
        return Link.open(proxy(
                org.springframework.amqp.rabbit.connection.ConnectionFactory.class,
                (self, method, arguments) -> connection));
    }

    /** What is published from now on does not fit a frame. */
    void refuseToWrite() {
        refuses.set(true);
    }

    private Channel channel() {
        AtomicLong next = new AtomicLong(1);
        AtomicBoolean open = new AtomicBoolean(true);
        return proxy(Channel.class, (self, method, arguments) -> switch (method.getName()) {
            case "getNextPublishSeqNo" -> next.get();
            case "isOpen" -> open.get();
            case "abort" -> {
                open.set(false);
                yield null;
            }
            case "basicPublish" -> {
                next.incrementAndGet();
                if (refuses.get()) {
                    throw new IllegalArgumentException("too long");
                }
                yield null;
            }
            default -> null;
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        InvocationHandler falseForNothing = (self, method, arguments) -> {
            Object answer = handler.invoke(self, method, arguments);
            return answer == null && method.getReturnType() == boolean.class ? Boolean.FALSE : answer;
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, falseForNothing));
    }
}
