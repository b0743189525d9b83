// Security keys and passkeys (WebAuthn). Without JavaScript every form takes a code.

const isKnown = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

for (const button of document.querySelectorAll("[data-key-options]")) {
  const form = button.form;
  const answer = form.querySelector("[data-key-answer]");
  const problem = form.querySelector("[data-key-problem]");
  const unknown = form.querySelector("[data-key-unknown]");
  button.hidden = !isKnown;
  if (unknown) unknown.hidden = isKnown;
  addEventListener("pageshow", () => { answer.value = ""; }); // one answer counts once
  button.addEventListener("click", async () => {
    if (!form.reportValidity()) return;
    problem.hidden = true;
    button.disabled = true;
    try {
      answer.value = JSON.stringify(await answered(button, form));
      form.requestSubmit();
    } catch {
      problem.hidden = false;
    }
    button.disabled = false;
  });
}

async function answered(button, form) {
  const token = form.elements.csrfmiddlewaretoken.value;
  const response = await fetch(button.dataset.keyOptions, {
    method: "POST",
    headers: { "X-CSRFToken": token },
  });
  if (!response.ok) throw new Error(response.statusText);
  const options = await response.json();
  const credential = "keyNew" in button.dataset
    ? await navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
    })
    : await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
    });
  return credential.toJSON();
}
