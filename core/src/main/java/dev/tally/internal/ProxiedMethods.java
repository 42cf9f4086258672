package dev.tally.internal;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;

/** Tells why calls of a bean's method would not go through its proxy. */
public final class ProxiedMethods {

    private ProxiedMethods() {}

    /**
     * What keeps calls of {@code method} from the advice that {@code owner} adds, for people; {@code null} if nothing does.
     *
     * @param bean the bean as others get it
     * @param owner whose advisor it is, for instance {@code the publisher}
     */
    public static @Nullable String fault(Object bean, Method method, String owner) {
        if (!(bean instanceof Advised) || !AopUtils.isAopProxy(bean)) {
            return Modifier.isFinal(method.getDeclaringClass().getModifiers())
                    ? "its class is final, so it cannot be proxied; open the class"
                    : "the bean is not proxied; is " + owner + "'s advisor registered, and was the bean not created too"
                            + " early?";
        }
        if (AopUtils.isCglibProxy(bean) && Modifier.isFinal(method.getModifiers())) {
            return "it is final, so calls do not go through the proxy; open the method";
        }
        if (AopUtils.isJdkDynamicProxy(bean) && !isOnInterface(bean, method)) {
            return "the bean is proxied by its interfaces, and none of them has the method";
        }
        return null;
    }

    /** What keeps calls of {@code method} from any proxy, for people; {@code null} if nothing does. */
    public static @Nullable String fault(Method method) {
        if (Modifier.isPrivate(method.getModifiers())) {
            return "it is private, so calls do not go through the proxy; make it visible";
        }
        if (Modifier.isStatic(method.getModifiers())) {
            return "it is static, so calls do not go through the proxy";
        }
        return null;
    }

    private static boolean isOnInterface(Object proxy, Method method) {
        for (Class<?> candidate : proxy.getClass().getInterfaces()) {
            for (Method declared : candidate.getMethods()) {
                if (declared.getName().equals(method.getName())
                        && Arrays.equals(declared.getParameterTypes(), method.getParameterTypes())) {
                    return true;
                }
            }
        }
        return false;
    }
}
