import { useEffect, useState } from "preact/hooks";

export type Theme = "light" | "dark";

/**
 * The theme of TensorBoard. It puts a class on the body of its page and announces nothing to plugins, so that class is
 * watched; outside of TensorBoard the system's preference counts.
 */
export function useTheme(): Theme {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    const update = () => setTheme(readTheme());
    const preference = matchMedia("(prefers-color-scheme: dark)");
    const observer = new MutationObserver(update);
    const body = hostBody();
    if (body) observer.observe(body, { attributeFilter: ["class"] });
    preference.addEventListener("change", update);
    update();
    return () => {
      observer.disconnect();
      preference.removeEventListener("change", update);
    };
  }, []);
  return theme;
}

function readTheme(): Theme {
  const body = hostBody();
  const isDark = body ? body.classList.contains("dark-mode") : matchMedia("(prefers-color-scheme: dark)").matches;
  return isDark ? "dark" : "light";
}

/** The body of the page around this frame; null where there is none or it belongs to another origin. */
function hostBody(): HTMLElement | null {
  try {
    return window.parent === window ? null : window.parent.document.body;
  } catch {
    return null;
  }
}
