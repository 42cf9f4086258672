package dev.tally.internal;

import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Sees a bean with a scoped proxy as one: Spring registers what others get under the bean's name, and the bean itself, which
 * is created for each scope and gets all advice, under another.
 */
public final class ScopedBeans {

    private ScopedBeans() {}

    /** Whether {@code name} is that of a bean behind a scoped proxy, which is looked at under the proxy's name. */
    public static boolean isBehindProxy(String name) {
        return ScopedProxyUtils.isScopedTarget(name);
    }

    /** Whether {@code name} is that of a scoped proxy. */
    public static boolean isProxy(ConfigurableListableBeanFactory beans, String name) {
        return !isBehindProxy(name) && beans.containsBeanDefinition(ScopedProxyUtils.getTargetBeanName(name));
    }

    /** The class of a bean, of the one behind the proxy for a scoped proxy; {@code null} where it is not known. */
    public static @Nullable Class<?> targetClass(ConfigurableListableBeanFactory beans, String name) {
        return AutoProxyUtils.determineTargetClass(
                beans, isProxy(beans, name) ? ScopedProxyUtils.getTargetBeanName(name) : name);
    }
}
