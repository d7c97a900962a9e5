// A browser that cannot run the scripts before this one shows a ticket by asking for the page again.
if (!window.foleni && document.body.getAttribute("data-live")) {
  document.getElementById("leaving").hidden = document.getElementById("sound").hidden = true;
  setTimeout(function () { window.location.reload(); }, 20000);
}
