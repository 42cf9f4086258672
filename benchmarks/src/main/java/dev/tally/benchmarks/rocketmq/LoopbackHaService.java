package dev.tally.benchmarks.rocketmq;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.apache.rocketmq.store.DefaultMessageStore;
import org.apache.rocketmq.store.ha.DefaultHAService;

/** Replication of the peer on the loopback address; RocketMQ has no setting for it. Named in META-INF/service. */
public final class LoopbackHaService extends DefaultHAService {

    /** For RocketMQ. */
    public LoopbackHaService() {}

    @Override
    public void init(DefaultMessageStore store) throws IOException {
        super.init(store);
        try {
            Field address = field(acceptSocketService.getClass(), "socketAddressListen");
            address.setAccessible(true);
            InetSocketAddress wildcard = (InetSocketAddress) address.get(acceptSocketService);
            address.set(
                    acceptSocketService, new InetSocketAddress(InetAddress.getLoopbackAddress(), wildcard.getPort()));
        } catch (ReflectiveOperationException e) {
            throw new IOException("Cannot bind replication to the loopback address", e);
        }
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    return field;
                }
            }
        }
        throw new NoSuchFieldException(type + "#" + name);
    }
}
