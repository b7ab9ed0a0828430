// What does not scroll needs no stop of the Tab key. Without this script every such part has one.
const reachable = () => {
  for (const part of document.querySelectorAll(".scroll")) {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
};
addEventListener("load", reachable);
addEventListener("resize", reachable);
// A closed answer has no width: look again when one opens.
document.addEventListener("toggle", reachable, true);
