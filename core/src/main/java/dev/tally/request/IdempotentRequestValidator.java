package dev.tally.request;

import dev.tally.internal.JoinedTransaction;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.BaseStream;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.http.HttpEntity;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Finds, at start-up, methods annotated with {@link IdempotentRequest} that could not keep its promise, and ends it with a
 * list of all of them. Knows the headers that carry keys.
 *
 * @since 0.1
 */
public final class IdempotentRequestValidator implements SmartInitializingSingleton {

    private static final Set<RequestMethod> SAFE =
            Set.of(RequestMethod.GET, RequestMethod.HEAD, RequestMethod.OPTIONS, RequestMethod.TRACE);
    private static final List<Class<?>> LATER = List.of(
            Future.class,
            CompletionStage.class,
            Flow.Publisher.class,
            Callable.class,
            DeferredResult.class,
            WebAsyncTask.class,
            ResponseBodyEmitter.class,
            StreamingResponseBody.class,
            BaseStream.class);

    private static final JoinedTransaction TRANSACTION = new JoinedTransaction("Tally", "the request");

    private final ConfigurableListableBeanFactory beanFactory;
    private final Supplier<RequestParts> parts;
    private volatile Set<String> headers = Set.of();

    /**
     * Creates the validator of all controllers of {@code beanFactory}.
     *
     * @param parts asked if there are annotated methods
     */
    public IdempotentRequestValidator(ConfigurableListableBeanFactory beanFactory, Supplier<RequestParts> parts) {
        this.beanFactory = beanFactory;
        this.parts = parts;
    }

    /** The request headers with keys; none before all beans are there. */
    public Set<String> headers() {
        return headers;
    }

    /** @throws InvalidRequestHandlerException if there are any */
    @Override
    public void afterSingletonsInstantiated() {
        List<String> faults = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<Method> mapped = new HashSet<>();
        beanFactory.getBeanProvider(RequestMappingHandlerMapping.class).stream()
                .forEach(mapping -> mapping.getHandlerMethods().forEach((info, handler) -> {
                    IdempotentRequest annotation = IdempotentRequestInterceptor.annotationOf(handler);
                    if (annotation != null) {
                        mapped.add(handler.getMethod());
                        names.add(annotation.header());
                        String where = handler.getShortLogMessage() + ": ";
                        faults(mapping, info, handler, annotation).forEach(fault -> faults.add(where + fault));
                        transactionFaults(handler).forEach(fault -> faults.add(where + fault));
                    }
                }));
        unmapped(mapped, faults);
        if (!faults.isEmpty()) {
            throw new InvalidRequestHandlerException("Cannot start: " + faults.size()
                    + " faults in methods annotated with @IdempotentRequest:\n - " + String.join("\n - ", faults));
        }
        headers = Set.copyOf(names);
    }

    private static List<String> faults(
            RequestMappingHandlerMapping mapping,
            RequestMappingInfo info,
            HandlerMethod handler,
            IdempotentRequest annotation) {
        List<String> faults = new ArrayList<>();
        Set<RequestMethod> methods = info.getMethodsCondition().getMethods();
        if (methods.isEmpty()) {
            faults.add("it takes every HTTP method, also those that change nothing and have no key; say which, for"
                    + " instance with @PostMapping");
        } else if (methods.stream().anyMatch(SAFE::contains)) {
            faults.add("it takes " + methods + ", and requests that change nothing need no key; leave those out");
        }
        if (annotation.header().isBlank()) {
            faults.add("its header is blank");
        }
        if (isLater(resultOf(handler.getReturnType()))) {
            faults.add(
                    "it returns a " + handler.getReturnType().getParameterType().getSimpleName()
                            + ", whose content comes after the transaction; let it return the content");
        }
        Object[] interceptors = mapping.getAdaptedInterceptors();
        if (interceptors == null
                || Arrays.stream(interceptors).noneMatch(IdempotentRequestInterceptor.class::isInstance)) {
            faults.add("IdempotentRequestInterceptor does not see its requests; a WebMvcConfigurationSupport of the"
                    + " application has to add it");
        }
        return faults;
    }

    private List<String> transactionFaults(HandlerMethod handler) {
        TransactionAttribute attribute =
                parts.get().attributes().getTransactionAttribute(handler.getMethod(), handler.getBeanType());
        if (attribute == null) {
            return List.of();
        }
        List<String> faults = new ArrayList<>(TRANSACTION.faults(attribute));
        String manager = Objects.requireNonNullElse(attribute.getQualifier(), "");
        String fault =
                TRANSACTION.managerFault(beanFactory, manager, parts.get().transactions());
        if (fault != null) {
            faults.add(fault);
        }
        return faults;
    }

    /** What is in a {@code ResponseEntity}, or the result itself. */
    private static Class<?> resultOf(MethodParameter result) {
        ResolvableType type = ResolvableType.forMethodParameter(result);
        return HttpEntity.class.isAssignableFrom(result.getParameterType())
                ? type.as(HttpEntity.class).getGeneric(0).resolve(Object.class)
                : type.resolve(Object.class);
    }

    private static boolean isLater(Class<?> type) {
        return LATER.stream().anyMatch(later -> later.isAssignableFrom(type))
                || type.getName().equals("org.reactivestreams.Publisher")
                || type.getName().startsWith("reactor.core.publisher.")
                || type.getName().startsWith("io.reactivex.");
    }

    /** Annotated methods that no request gets to would promise what nobody does. */
    private void unmapped(Set<Method> mapped, List<String> faults) {
        for (String name : beanFactory.getBeanDefinitionNames()) {
            Class<?> type = AutoProxyUtils.determineTargetClass(beanFactory, name);
            if (type != null && AnnotationUtils.isCandidateClass(type, IdempotentRequest.class)) {
                MethodIntrospector.selectMethods(type, (ReflectionUtils.MethodFilter)
                                method -> AnnotatedElementUtils.hasAnnotation(method, IdempotentRequest.class))
                        .stream()
                        .filter(method -> !mapped.contains(method))
                        .forEach(method -> faults.add("bean '" + name + "', " + type.getSimpleName() + "."
                                + method.getName() + ": it handles no HTTP requests; annotate a controller's method, or"
                                + " use @IdempotentConsumer"));
            }
        }
    }
}
