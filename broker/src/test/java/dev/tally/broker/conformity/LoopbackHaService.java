package dev.tally.broker.conformity;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import org.apache.rocketmq.store.DefaultMessageStore;
import org.apache.rocketmq.store.ha.DefaultHAService;

/** Replication of the real broker on the loopback address; RocketMQ itself has no setting for it. */
public class LoopbackHaService extends DefaultHAService {

    @Override
    public void init(DefaultMessageStore store) throws IOException {
        super.init(store);
        try {
            Field address = findField(acceptSocketService.getClass(), "socketAddressListen");
            address.setAccessible(true);
            InetSocketAddress wildcard = (InetSocketAddress) address.get(acceptSocketService);
            address.set(acceptSocketService, new InetSocketAddress("127.0.0.1", wildcard.getPort()));
        } catch (ReflectiveOperationException e) {
            throw new IOException("Cannot bind replication to the loopback address", e);
        }
    }

    private static Field findField(Class<?> type, String name) throws NoSuchFieldException {
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
