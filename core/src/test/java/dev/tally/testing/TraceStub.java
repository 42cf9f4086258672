package dev.tally.testing;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Does what tracing does with headers: writes fixed ones where messages leave, and reads them where they arrive. */
public final class TraceStub implements ObservationHandler<Observation.Context> {

    public static final String TRACE_PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    public final Map<String, String> written = new LinkedHashMap<>(Map.of("traceparent", TRACE_PARENT));
    public final List<String> read = new ArrayList<>();

    @Override
    public void onStart(Observation.Context context) {
        if (context instanceof SenderContext<?> sender) {
            inject(sender);
        } else if (context instanceof ReceiverContext<?> receiver) {
            read.add(String.valueOf(extract(receiver)));
        }
    }

    private <C> void inject(SenderContext<C> sender) {
        written.forEach((name, value) -> sender.getSetter().set(sender.getCarrier(), name, value));
    }

    private static <C> String extract(ReceiverContext<C> receiver) {
        return receiver.getGetter().get(receiver.getCarrier(), "traceparent");
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
        return true;
    }
}
